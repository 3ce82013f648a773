//! Writes to the server as kubectl's helper sends them, and how results are printed.

use crate::apiserver::{FieldValidation, PatchType, WriteOptions, key_of};
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::Invocation;
use crate::commands::kubectl::request::print;
use crate::commands::kubectl::request::print::Format;
use crate::commands::kubectl::request::resources;
use crate::kinds;
use crate::kinds::schema;
use crate::values::object::{Object, ObjectKey, Value};
use crate::values::status::Status;
use std::rc::Rc;

/// `--dry-run`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DryRun {
    None,
    Client,
    Server,
}

impl DryRun {
    /// Behind what a command says it did.
    pub fn suffix(self) -> &'static str {
        match self {
            DryRun::None => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        }
    }
}

impl Invocation<'_, '_> {
    /// # Errors
    /// A value that is none of them.
    pub fn dry_run(&mut self) -> Result<DryRun, Failure> {
        match self.args.value("dry-run") {
            None | Some("none" | "false") => Ok(DryRun::None),
            Some("client") => Ok(DryRun::Client),
            Some("server") => Ok(DryRun::Server),
            Some("unchanged" | "true") => {
                self.output.warn("W1121 00:00:00.000000       1 helpers.go:731] --dry-run is deprecated and can be replaced with --dry-run=client.");
                Ok(DryRun::Client)
            }
            Some(other) => Err(Failure::plain(format!("Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."))),
        }
    }

    /// # Errors
    /// A value of `--validate` that is none.
    pub fn check_validate(&self) -> Result<(), Failure> {
        match self.args.text("validate") {
            "" | "strict" | "true" | "warn" | "ignore" | "false" => Ok(()),
            other => Err(Failure::plain(format!("invalid - validate option {other:?}; must be one of: strict (or true), warn, ignore (or false)"))),
        }
    }

    /// How a write is to be done: `--dry-run`, `--validate`. No dry run of any kind leaves a trace.
    fn write_options(&self, dry_run: DryRun) -> WriteOptions {
        let field_validation = match self.args.text("validate") {
            "warn" => FieldValidation::Warn,
            "ignore" | "false" => FieldValidation::Ignore,
            _ => FieldValidation::Strict,
        };
        WriteOptions { dry_run: dry_run != DryRun::None, field_validation, ..WriteOptions::default() }
    }

    /// Decodes a request's object as strictly as asked.
    fn decode(&mut self, object: &mut Object, options: &mut WriteOptions) -> Result<(), Status> {
        let def = kinds::def(object.kind());
        self.warn_deprecated(def.kind);
        if object.str(&["apiVersion"]).is_empty() {
            return Err(Status::new("NotFound", 404, "the server could not find the requested resource"));
        }
        if options.field_validation == FieldValidation::Strict {
            return schema::check(def, &object.0);
        }
        // A wrong type is an error however lenient the decoding.
        let Ok(unknown) = schema::decode(def, &object.0) else { return schema::check(def, &object.0) };
        if !unknown.is_empty() {
            schema::prune(def, &mut object.0);
        }
        if options.field_validation == FieldValidation::Warn {
            options.warnings.extend(unknown);
        }
        Ok(())
    }

    /// Creates an object on the server; its warnings are printed.
    /// # Errors
    /// The server's.
    pub fn create_object(&mut self, mut object: Object, dry_run: DryRun) -> Result<Rc<Object>, Status> {
        let mut options = self.write_options(dry_run);
        self.decode(&mut object, &mut options)?;
        let result = self.cluster.api.create(object, &mut options);
        self.warnings(&options.warnings);
        let note = result.as_ref().ok().and_then(|object| kinds::by_kind(object.kind())).map_or("", |def| def.note);
        if !note.is_empty() {
            self.output.notes.push(format!("not simulated here: {note}"));
        }
        result
    }

    /// Replaces an object.
    /// # Errors
    /// The server's.
    pub fn update_object(&mut self, mut object: Object, dry_run: DryRun) -> Result<Rc<Object>, Status> {
        let mut options = self.write_options(dry_run);
        self.decode(&mut object, &mut options)?;
        let result = self.cluster.api.update(object, &mut options);
        self.warnings(&options.warnings);
        result
    }

    /// Sends a patch.
    /// # Errors
    /// The server's.
    pub fn patch_object(&mut self, key: &ObjectKey, kind: PatchType, patch: &Value, dry_run: DryRun) -> Result<Rc<Object>, Status> {
        let options = self.write_options(dry_run);
        self.send_patch(key, kind, patch, options)
    }

    /// Sends a patch as the verb patch does: how strictly it is decoded is left to the server, which warns.
    /// # Errors
    /// The server's.
    pub fn patch_leniently(&mut self, key: &ObjectKey, kind: PatchType, patch: &Value, dry_run: DryRun) -> Result<Rc<Object>, Status> {
        let options = WriteOptions { field_validation: FieldValidation::Warn, ..self.write_options(dry_run) };
        self.send_patch(key, kind, patch, options)
    }

    /// Sends a patch of an object's status.
    /// # Errors
    /// The server's.
    pub fn patch_status_leniently(&mut self, key: &ObjectKey, kind: PatchType, patch: &Value, dry_run: DryRun) -> Result<Rc<Object>, Status> {
        let mut options = WriteOptions { field_validation: FieldValidation::Warn, ..self.write_options(dry_run) };
        let result = self.cluster.api.patch_status(key, kind, patch, &mut options);
        self.warnings(&options.warnings);
        result
    }

    fn send_patch(&mut self, key: &ObjectKey, kind: PatchType, patch: &Value, mut options: WriteOptions) -> Result<Rc<Object>, Status> {
        self.warn_deprecated(key.kind);
        let result = self.cluster.api.patch(key, kind, patch, &mut options);
        self.warnings(&options.warnings);
        result
    }

    /// Prints what was done to an object, or the object itself where `-o` asks for it.
    /// # Errors
    /// An unknown output format.
    pub fn report(&mut self, object: &Object, done: &str, dry_run: DryRun) -> Result<(), Failure> {
        let format = print::format(self, print::OBJECTS)?;
        let text = match format {
            Format::Table { .. } => format!("{} {done}{}\n", resources::name_of(object), dry_run.suffix()),
            _ => print::objects(&format, &[Rc::new(object.clone())], true)?,
        };
        if format == Format::Yaml && self.reported > 0 {
            self.output.line("---");
        }
        self.reported += 1;
        self.output.out(&text);
        Ok(())
    }
}

pub fn change(invocation: &mut Invocation<'_, '_>, object: &Object, patch: &Value, dry_run: DryRun) -> Result<Rc<Object>, Status> {
    if dry_run == DryRun::Client || invocation.args.on("local") {
        return Ok(Rc::new(Object(crate::values::patch::merge(&object.0, patch))));
    }
    invocation.patch_object(&key_of(kinds::def(object.kind()), object), PatchType::Merge, patch, dry_run)
}
