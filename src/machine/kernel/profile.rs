//! What a machine is to its processes: whose words its shell speaks, and which programs it has.

/// Whose words the shell speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `bash: x: command not found`
    Bash,
    /// `sh: x: not found`
    BusyboxAsh,
    /// `sh: 1: x: not found`
    Dash,
}

/// Whose programs a machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Busybox,
    /// GNU's, as Debian has them.
    Coreutils,
}

/// The machine that a process runs on: what its owner or its image decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name of its image, `node` or `console`; some programs exist on some machines only.
    pub machine: &'static str,
    /// `None`: it has no programs and no shell.
    pub form: Option<Form>,
    pub dialect: Dialect,
    /// Commands that the owner answers (`Call`).
    pub calls: &'static [&'static str],
    /// Whether nslookup prints as busybox 1.28 did.
    pub old_nslookup: bool,
}

impl Profile {
    /// A machine on which busybox is all there is.
    pub const BUSYBOX: Profile =
        Profile { machine: "busybox", form: Some(Form::Busybox), dialect: Dialect::BusyboxAsh, calls: &[], old_nslookup: false };
    /// A machine with Debian's programs.
    pub const DEBIAN: Profile = Profile { machine: "debian", form: Some(Form::Coreutils), dialect: Dialect::Bash, ..Profile::BUSYBOX };

    /// Whether a name or path starts the shell itself.
    pub fn is_shell(&self, name: &str) -> bool {
        let name = name.strip_prefix("/bin/").or_else(|| name.strip_prefix("/usr/bin/")).unwrap_or(name);
        let has = match name {
            "sh" => true,
            "bash" => self.dialect != Dialect::BusyboxAsh,
            "ash" => self.dialect == Dialect::BusyboxAsh,
            "dash" => self.dialect == Dialect::Dash,
            _ => false,
        };
        has && self.form.is_some()
    }
}
