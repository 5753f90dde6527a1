//! The commands as a user types them: exit code, output, files.

mod bad_input;
mod commands;
mod readme;
mod recipes;
mod resume;
mod setting;
