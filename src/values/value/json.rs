//! The macro `json!`: a value, written as JSON with expressions in it.

/// A value in JSON's syntax. Expressions are only looked at (`ToValue`); names are literals, or expressions in brackets.
#[macro_export]
macro_rules! json {
    (null) => { $crate::values::value::Value::Null };
    ([ $($items:tt)* ]) => { $crate::values::value::Value::Array(<$crate::values::value::List as ::std::convert::From<_>>::from($crate::json_list!([] $($items)*))) };
    ({ $($entries:tt)* }) => { $crate::values::value::Value::Object($crate::values::value::Map::from_entries($crate::json_entries!([] $($entries)*))) };
    ($value:expr) => { $crate::values::value::ToValue::to_value(&$value) };
}

/// The items of a list: those made so far, and what is still to be read.
#[doc(hidden)]
#[macro_export]
macro_rules! json_list {
    ([$($made:expr,)*]) => { ::std::vec![$($made),*] };
    ([$($made:expr,)*] null $(, $($rest:tt)*)?) => { $crate::json_list!([$($made,)* $crate::json!(null),] $($($rest)*)?) };
    ([$($made:expr,)*] [$($item:tt)*] $(, $($rest:tt)*)?) => { $crate::json_list!([$($made,)* $crate::json!([$($item)*]),] $($($rest)*)?) };
    ([$($made:expr,)*] {$($item:tt)*} $(, $($rest:tt)*)?) => { $crate::json_list!([$($made,)* $crate::json!({$($item)*}),] $($($rest)*)?) };
    ([$($made:expr,)*] $item:expr $(, $($rest:tt)*)?) => { $crate::json_list!([$($made,)* $crate::json!($item),] $($($rest)*)?) };
}

/// The entries of a map: those made so far, and what is still to be read.
#[doc(hidden)]
#[macro_export]
macro_rules! json_entries {
    ([$($made:expr,)*]) => { ::std::vec![$($made),*] };
    ([$($made:expr,)*] $name:literal : $($rest:tt)*) => {
        $crate::json_entry!([$($made,)*] ($crate::values::value::Text::from_static_str($name)) $($rest)*)
    };
    ([$($made:expr,)*] ($name:expr) : $($rest:tt)*) => { $crate::json_entry!([$($made,)*] ($crate::values::value::Text::from($name)) $($rest)*) };
    ([$($made:expr,)*] $name:ident : $($rest:tt)*) => { $crate::json_entry!([$($made,)*] ($crate::values::value::Text::from($name)) $($rest)*) };
}

/// One entry of a map, whose name is known.
#[doc(hidden)]
#[macro_export]
macro_rules! json_entry {
    ([$($made:expr,)*] ($name:expr) null $(, $($rest:tt)*)?) => { $crate::json_entries!([$($made,)* ($name, $crate::json!(null)),] $($($rest)*)?) };
    ([$($made:expr,)*] ($name:expr) [$($value:tt)*] $(, $($rest:tt)*)?) => {
        $crate::json_entries!([$($made,)* ($name, $crate::json!([$($value)*])),] $($($rest)*)?)
    };
    ([$($made:expr,)*] ($name:expr) {$($value:tt)*} $(, $($rest:tt)*)?) => {
        $crate::json_entries!([$($made,)* ($name, $crate::json!({$($value)*})),] $($($rest)*)?)
    };
    ([$($made:expr,)*] ($name:expr) $value:expr $(, $($rest:tt)*)?) => {
        $crate::json_entries!([$($made,)* ($name, $crate::json!($value)),] $($($rest)*)?)
    };
}
