//! One file for each type of layer, and the questions that each of them answers: [`table`], [`rule`],
//! [`compute`].

pub(crate) mod activation;
pub(crate) mod add;
pub(crate) mod avg_pool2d;
pub(crate) mod batch_norm;
pub(crate) mod compute;
pub(crate) mod concat;
pub(crate) mod conv2d;
pub(crate) mod conv_transpose2d;
pub(crate) mod dense;
pub(crate) mod dropout;
mod fitting;
pub(crate) mod flatten;
pub(crate) mod global_avg_pool;
pub(crate) mod group_norm;
mod joining;
pub(crate) mod layer_norm;
pub(crate) mod max_pool2d;
pub(crate) mod multiply;
mod normalization;
pub(crate) mod pixel_shuffle;
pub(crate) mod reading;
pub(crate) mod reshape;
pub(crate) mod rule;
mod sliding;
pub(crate) mod softmax;
pub(crate) mod table;
#[cfg(test)]
mod tests;
pub(crate) mod upsample;
pub(crate) mod window;
