//! Values beside texts, flags and whole numbers.

use super::tree::Value;

impl PartialEq<str> for Value {
    fn eq(&self, text: &str) -> bool {
        self.as_str() == Some(text)
    }
}

impl PartialEq<&str> for Value {
    fn eq(&self, text: &&str) -> bool {
        self.as_str() == Some(*text)
    }
}

impl PartialEq<String> for Value {
    fn eq(&self, text: &String) -> bool {
        self.as_str() == Some(text)
    }
}

impl PartialEq<Value> for str {
    fn eq(&self, value: &Value) -> bool {
        value.as_str() == Some(self)
    }
}

impl PartialEq<Value> for &str {
    fn eq(&self, value: &Value) -> bool {
        value.as_str() == Some(*self)
    }
}

impl PartialEq<Value> for String {
    fn eq(&self, value: &Value) -> bool {
        value.as_str() == Some(self)
    }
}

macro_rules! plain {
    ($($type:ty: $value:ident => $found:expr),* $(,)?) => {$(
        impl PartialEq<$type> for Value {
            fn eq(&self, other: &$type) -> bool {
                let $value = self;
                $found == Some((*other).into())
            }
        }
        impl PartialEq<$type> for &Value {
            fn eq(&self, other: &$type) -> bool {
                **self == *other
            }
        }
        impl PartialEq<$type> for &mut Value {
            fn eq(&self, other: &$type) -> bool {
                **self == *other
            }
        }
    )*};
}

plain!(bool: value => value.as_bool(), i32: value => value.as_i64(), i64: value => value.as_i64(), u64: value => value.as_u64());
