//! Eigenfaces compared with scikit-learn (`tests/reference/generate_eigenfaces.py`) and with faces
//! drawn from a known model.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]
#![expect(clippy::cast_precision_loss, reason = "small counts")]

mod calibration;
mod faces;
mod file;
mod principal;
mod recognition;
mod refusal;
