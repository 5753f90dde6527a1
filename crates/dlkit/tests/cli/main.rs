//! The commands as a user types them: exit code, output, files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod archives;
mod augmentation;
mod bad_input;
mod classes;
mod colorize;
mod colors;
mod commands;
mod compare;
mod damaged;
#[cfg(target_os = "linux")]
mod dashboard;
mod diagnose;
mod doors;
mod eigenfaces;
mod faces;
mod folders;
mod foreign;
mod freeze;
mod frozen_layers;
mod homography;
mod homography_estimation;
mod homography_files;
mod init;
mod inspect;
mod json_snapshots;
mod located;
mod meaningless;
mod onto;
mod pages;
mod predictions;
mod readme;
mod recipes;
mod regularization;
mod resume;
mod setting;
mod snapshots;
mod starters;
#[cfg(unix)]
mod study;
mod tables;
mod weights;
