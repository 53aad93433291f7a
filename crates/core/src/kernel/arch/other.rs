//! Architectures whose floating-point environment is fixed or not known here: nothing to guard.

/// No bit is known.
pub(crate) const CONTROL_MASK: u64 = 0;

/// The only word there is.
pub(crate) const CONTROL_DEFAULT: u64 = 0;

/// Reads the control word: always the default.
pub(crate) fn control() -> u64 {
    CONTROL_DEFAULT
}

/// Does nothing.
pub(crate) fn set_control(_word: u64) {}
