//! `--device`, and what becomes of a command whose device fails.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook};
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Result, anyhow};
use dlkit_models::Device;
use dlkit_models::device::{DEVICES, OpenDevice, open_device};

use crate::exit::ExitStatus;

/// Where to compute.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DeviceArgs {
    /// Where to compute; `dlkit devices` lists what this build and machine have. auto takes the
    /// first graphics card, or the processor.
    #[arg(long = "device", value_name = "DEVICE", default_value = DEVICES[0].name)]
    name: String,
}

/// The name of the graphics device that was opened.
static GRAPHICS: OnceLock<String> = OnceLock::new();
/// What the first panic said while it was open.
static FAILURE: Mutex<Option<String>> = Mutex::new(None);

impl DeviceArgs {
    /// The device, ready to compute.
    pub(crate) fn open(&self) -> Result<Device> {
        Ok(self.open_named()?.device)
    }

    /// The device with its name.
    pub(crate) fn open_named(&self) -> Result<OpenDevice> {
        let opened = open_device(&self.name)?;
        if opened.is_graphics && GRAPHICS.set(opened.name.clone()).is_ok() {
            // The first panic is the cause; those of other threads follow from it.
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

/// Runs a command. Burn panics where a graphics device runs out of memory or is lost; that is an
/// error with advice here. Any other panic goes on.
pub(crate) fn guarded(command: impl FnOnce() -> Result<ExitStatus>) -> Result<ExitStatus> {
    catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|payload| {
        let Some(name) = GRAPHICS.get() else { resume_unwind(payload) };
        Err(anyhow!("{}", failure_of(&*payload)).context(format!(
            "--device {name} failed; if its memory is too small, train with a smaller \
             training.batch_size or compute on the processor (--device flex); a training that was cut \
             goes on with dlkit train --resume RUN --device flex"
        )))
    })
}

/// Why a command panicked: what the first panic said since a graphics device was opened, else what
/// this one says.
pub(crate) fn failure_of(panic: &(dyn Any + Send)) -> String {
    let failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
    failure.clone().unwrap_or_else(|| text(panic))
}

/// What a panic says.
fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("no reason was given").to_owned()
}
