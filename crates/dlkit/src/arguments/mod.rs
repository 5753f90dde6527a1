//! Options that several commands share, with the same name, meaning and help.

mod checkpoint;
mod command;
mod data;
mod decoding;
mod device;
mod failures;
mod folder;
mod force;
mod input;
mod named;
mod output;
mod overrides;
mod part;
mod predictions;
mod recipe;
mod source;
mod spared;
mod table;
mod tolerance;

pub(crate) use checkpoint::CheckpointArgs;
pub(crate) use command::command;
pub(crate) use data::DataArgs;
pub(crate) use decoding::{DecodingArgs, temperature};
pub(crate) use device::{DeviceArgs, guarded};
pub(crate) use failures::Failures;
pub(crate) use folder::{Folder, OutputDirectory, picture_names};
pub(crate) use force::ForceArgs;
pub(crate) use input::{expanded, expanded_to, is_pattern, listed, pictures_of};
pub(crate) use named::{NetworkArgs, RunArgs, TrainedArgs};
pub(crate) use output::{NewRunArgs, OutputFile};
pub(crate) use overrides::OverrideArgs;
pub(crate) use part::PartArgs;
pub(crate) use predictions::PredictionFile;
pub(crate) use recipe::{
    RecipeArgs, RecipeChoice, default_output, load_recipe, with_absolute_data,
};
pub(crate) use source::{Named, Source};
pub(crate) use spared::{check_no_run, check_outside};
pub(crate) use table::{TableFormatArgs, is_standard_input, open_table};
pub(crate) use tolerance::ToleranceArgs;
