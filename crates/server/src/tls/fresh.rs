//! The files of TLS as they were last found in order, and the look that finds out whether they
//! have changed.
//!
//! Their bytes are compared, not their times: a file may be put in place with the time of another
//! one, and a link may lead elsewhere. When to look is not here.

use std::sync::Arc;

use rustls::ServerConfig;

use super::files::{Files, Texts};
use crate::error::Error;

pub(super) struct Fresh {
    files: Files,
    /// What holds.
    texts: Texts,
    /// What was wrong when they were last looked at, so that it is told once.
    trouble: Option<String>,
    /// What was last warned of.
    warnings: Vec<String>,
}

impl Fresh {
    /// Reads the files for the first time, when they must be in order.
    pub(super) fn begin(files: Files) -> Result<(Self, Arc<ServerConfig>), Error> {
        let texts = files.read()?;
        let config = files.config(&texts)?;
        let mut fresh = Self { files, texts, trouble: None, warnings: Vec::new() };
        fresh.warn();
        Ok((fresh, config))
    }

    /// What there is that is new. Files that are of no use leave what was.
    pub(super) fn look(&mut self, is_asked: bool) -> Option<Arc<ServerConfig>> {
        let new = self.news();
        let trouble = new.as_ref().err().map(ToString::to_string);
        match &new {
            Ok(Some(_)) => tracing::info!("TLS: the files have changed and hold from now on"),
            Ok(None) if is_asked => tracing::info!("TLS: the files have not changed"),
            Err(error) if is_asked || trouble != self.trouble => {
                tracing::error!(%error, "TLS: the files have changed and are of no use; those from before still hold");
            }
            _ => {}
        }
        self.trouble = trouble;
        self.warn();
        new.ok().flatten()
    }

    fn news(&mut self) -> Result<Option<Arc<ServerConfig>>, Error> {
        let texts = self.files.read()?;
        if texts == self.texts {
            return Ok(None);
        }
        let config = self.files.config(&texts)?;
        self.texts = texts;
        Ok(Some(config))
    }

    /// Tells what was not told before: of a certificate that nears its end, a line a day.
    fn warn(&mut self) {
        let warnings = self.files.warnings(&self.texts);
        for warning in warnings.iter().filter(|warning| !self.warnings.contains(warning)) {
            tracing::warn!("TLS: {warning}");
        }
        self.warnings = warnings;
    }
}
