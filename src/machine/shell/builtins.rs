//! Table BUILTINS: cd export set read test ...; knows no kubectl.
