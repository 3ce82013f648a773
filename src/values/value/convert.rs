//! What becomes a value, by itself (`From`) or out of a look at it (`ToValue`, for the macro `json!`).

use super::list::List;
use super::map::Map;
use super::number::Number;
use super::tree::{Text, Value};
use std::borrow::Cow;
use std::rc::Rc;

/// What can stand in `json!`, which takes nothing away.
pub trait ToValue {
    fn to_value(&self) -> Value;
}

macro_rules! numbers {
    ($($type:ty as $wide:ty),*) => {$(
        impl From<$type> for Number {
            fn from(number: $type) -> Number {
                Number::from(number as $wide)
            }
        }
        impl From<$type> for Value {
            fn from(number: $type) -> Value {
                Value::Number(Number::from(number as $wide))
            }
        }
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                Value::from(*self)
            }
        }
    )*};
}

numbers!(i32 as i64, u8 as u64, u16 as u64, u32 as u64, usize as u64);

macro_rules! plain {
    ($($type:ty: $value:ident => $made:expr),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Value {
                $made
            }
        }
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                Value::from(self.clone())
            }
        }
    )*};
}

plain!(
    bool: flag => Value::Bool(flag),
    i64: number => Value::Number(Number::from(number)),
    u64: number => Value::Number(Number::from(number)),
    f64: number => Number::from_f64(number).map_or(Value::Null, Value::Number),
    Text: text => Value::String(text),
    Number: number => Value::Number(number),
    List: list => Value::Array(list),
    Map: map => Value::Object(map),
);

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text.as_str().into())
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<str>) -> Value {
        Value::from(&*text)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(list: Vec<T>) -> Value {
        list.into_iter().collect()
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, T::into)
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Value {
        Value::Array(values.into_iter().map(T::into).collect())
    }
}

impl<N: Into<Text>, V: Into<Value>> FromIterator<(N, V)> for Value {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(entries: I) -> Value {
        Value::Object(entries.into_iter().collect())
    }
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        self.into()
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value {
        self.as_str().into()
    }
}

impl ToValue for Cow<'_, str> {
    fn to_value(&self) -> Value {
        (**self).into()
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: ToValue + ?Sized> ToValue for Rc<T> {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }
}

impl<T: ToValue> ToValue for [T] {
    fn to_value(&self) -> Value {
        Value::Array(self.iter().map(T::to_value).collect())
    }
}

impl<T: ToValue> ToValue for Vec<T> {
    fn to_value(&self) -> Value {
        self.as_slice().to_value()
    }
}

impl<T: ToValue, const COUNT: usize> ToValue for [T; COUNT] {
    fn to_value(&self) -> Value {
        self.as_slice().to_value()
    }
}
