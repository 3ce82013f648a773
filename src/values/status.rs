//! Status: the one error type that a user may see. `Display` is the server's message.

use super::object::Value;
use std::fmt;

/// Why a request failed. Models apimachinery/pkg/apis/meta/v1 Status and pkg/api/errors.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `BadRequest`, `Forbidden`, `MethodNotAllowed`; empty where none.
    pub reason: String,
    /// The HTTP code: 404, 409, 422, 400, 403, 405, 500.
    pub code: u16,
    /// The whole message, as the server gives it.
    pub message: String,
    /// `Invalid` only: what the object is called and each cause, which kubectl prints in its own form.
    pub details: Option<Box<Details>>,
}

/// The causes behind an `Invalid` status.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    /// The kind in full, such as `Pod`.
    pub kind: String,
    /// Its API group, empty for core.
    pub group: String,
    pub name: String,
    pub causes: Vec<FieldError>,
}

/// One finding of validation. Models apimachinery/pkg/util/validation/field Error.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldError {
    /// Such as `spec.template.spec.containers[0].name`.
    pub field: String,
    /// All behind `field: `, such as `Required value` or `Invalid value: "x": must be greater than zero`.
    pub text: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.text)
    }
}

impl FieldError {
    pub fn new(field: impl Into<String>, text: impl Into<String>) -> FieldError {
        FieldError { field: field.into(), text: text.into() }
    }

    /// `Required value` or `Required value: detail`.
    pub fn required(field: impl Into<String>, detail: &str) -> FieldError {
        FieldError::new(field, if detail.is_empty() { "Required value".to_owned() } else { format!("Required value: {detail}") })
    }

    /// `Invalid value: <value as Go's JSON or %v form>: detail`. Strings come quoted, numbers and booleans bare.
    pub fn invalid(field: impl Into<String>, value: &Value, detail: &str) -> FieldError {
        FieldError::new(field, format!("Invalid value: {value}: {detail}"))
    }

    /// `Unsupported value: "x": supported values: "a", "b"`; the list is printed in the order given.
    pub fn unsupported(field: impl Into<String>, value: &Value, supported: &[&str]) -> FieldError {
        let list = supported.iter().map(|s| format!("{s:?}")).collect::<Vec<_>>().join(", ");
        FieldError::new(field, format!("Unsupported value: {value}: supported values: {list}"))
    }

    pub fn forbidden(field: impl Into<String>, detail: &str) -> FieldError {
        FieldError::new(field, format!("Forbidden: {detail}"))
    }

    pub fn duplicate(field: impl Into<String>, value: &Value) -> FieldError {
        FieldError::new(field, format!("Duplicate value: {value}"))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Status {}

impl Status {
    pub fn new(reason: &str, code: u16, message: impl Into<String>) -> Status {
        Status { reason: reason.to_owned(), code, message: message.into(), details: None }
    }

    /// `resource` is the plural with its group, such as `persistentvolumeclaims` or `statefulsets.apps`.
    pub fn not_found(resource: &str, name: &str) -> Status {
        Status::new("NotFound", 404, format!("{resource} {name:?} not found"))
    }

    pub fn already_exists(resource: &str, name: &str) -> Status {
        Status::new("AlreadyExists", 409, format!("{resource} {name:?} already exists"))
    }

    pub fn bad_request(message: impl Into<String>) -> Status {
        Status::new("BadRequest", 400, message)
    }

    pub fn forbidden(resource: &str, name: &str, why: &str) -> Status {
        Status::new("Forbidden", 403, format!("{resource} {name:?} is forbidden: {why}"))
    }

    pub fn conflict(resource: &str, name: &str, why: &str) -> Status {
        Status::new("Conflict", 409, format!("Operation cannot be fulfilled on {resource} {name:?}: {why}"))
    }

    /// One or several findings of validation; `causes` must not be empty.
    pub fn invalid(kind: &str, group: &str, name: &str, causes: Vec<FieldError>) -> Status {
        let list = match causes.as_slice() {
            [only] => only.to_string(),
            several => format!("[{}]", several.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        };
        let qualified = if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") };
        Status {
            reason: "Invalid".to_owned(),
            code: 422,
            message: format!("{qualified} {name:?} is invalid: {list}"),
            details: Some(Box::new(Details { kind: kind.to_owned(), group: group.to_owned(), name: name.to_owned(), causes })),
        }
    }

    pub fn is_not_found(&self) -> bool {
        self.reason == "NotFound"
    }

    pub fn is_already_exists(&self) -> bool {
        self.reason == "AlreadyExists"
    }

    pub fn is_conflict(&self) -> bool {
        self.reason == "Conflict"
    }
}
