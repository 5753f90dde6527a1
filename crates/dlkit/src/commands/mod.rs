//! One module for each command, with the name of the command.

pub(crate) mod activations;
pub(crate) mod colorize;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod crossval;
pub(crate) mod data;
pub(crate) mod devices;
pub(crate) mod diagnose;
pub(crate) mod eigenfaces;
pub(crate) mod evaluate;
pub(crate) mod freeze;
pub(crate) mod homography;
pub(crate) mod inspect;
pub(crate) mod new;
pub(crate) mod predict;
pub(crate) mod prune;
pub(crate) mod trace;
pub(crate) mod train;
pub(crate) mod verify;
pub(crate) mod weights;
