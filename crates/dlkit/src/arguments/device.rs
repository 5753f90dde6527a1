//! `--device`, and device errors.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook};
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Result, anyhow};
use dlkit_models::Device;
use dlkit_models::device::{DEVICES, OpenDevice, open_device};

use crate::exit::ExitStatus;

/// Device to compute on.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DeviceArgs {
    /// Device to compute on, see `dlkit devices`; auto takes the first graphics card, else the
    /// processor.
    #[arg(long = "device", value_name = "DEVICE", default_value = DEVICES[0].name)]
    name: String,
}

/// Name of the open graphics device.
static GRAPHICS: OnceLock<String> = OnceLock::new();
/// Message of the first panic while it is open.
static FAILURE: Mutex<Option<String>> = Mutex::new(None);

impl DeviceArgs {
    /// Opens the device.
    pub(crate) fn open(&self) -> Result<Device> {
        Ok(self.open_named()?.device)
    }

    /// Opens the device and returns it with its name.
    pub(crate) fn open_named(&self) -> Result<OpenDevice> {
        let opened = open_device(&self.name)?;
        if opened.is_graphics && GRAPHICS.set(opened.name.clone()).is_ok() {
            // The first panic is the cause; panics of other threads are consequences.
            set_hook(Box::new(|panic| {
                if dlkit_files::is_guarded() {
                    return;
                }
                let mut failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
                failure.get_or_insert_with(|| text(panic.payload()));
            }));
        }
        Ok(opened)
    }
}

/// Runs a command. Burn panics if a graphics device runs out of memory or is lost; this panic becomes an
/// error with advice. Resumes any other panic.
pub(crate) fn guarded(command: impl FnOnce() -> Result<ExitStatus>) -> Result<ExitStatus> {
    catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|payload| {
        let Some(name) = GRAPHICS.get() else { resume_unwind(payload) };
        Err(anyhow!("{}", failure_of(&*payload)).context(format!(
            "--device {name}: failed; if its memory is too small, use a smaller training.batch_size, or \
             the processor: resume by dlkit train --resume RUN --device flex"
        )))
    })
}

/// Why a command panicked: the message of the first panic since a graphics device was opened, or else of
/// this panic.
pub(crate) fn failure_of(panic: &(dyn Any + Send)) -> String {
    let failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
    failure.clone().unwrap_or_else(|| text(panic))
}

/// Message of a panic.
fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("no reason given").to_owned()
}
