//! Tensors of Flex as slices, and slices as tensors.

use burn::backend::Flex;
use burn::backend::flex::FlexDevice;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::tensor::{DType, Device, Shape, Tensor, TensorData};

/// Whether a tensor is of single precision on Flex, followed by autodiff or not.
pub(super) fn is_single_flex<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && tensor.device() == Device::flex()
}

/// A tensor's numbers in row-major order.
pub(super) struct Values(FloatTensor<Flex>);

impl Values {
    /// Copies only what is not in order already.
    pub(super) fn new(tensor: FloatTensor<Flex>) -> Self {
        Self(if tensor.is_contiguous() { tensor } else { tensor.to_contiguous() })
    }

    pub(super) fn slice(&self) -> &[f32] {
        self.0.as_slice().unwrap_or_default()
    }
}

/// A tensor of new numbers.
pub(super) fn tensor(numbers: Vec<f32>, shape: impl Into<Shape>) -> FloatTensor<Flex> {
    Flex::float_from_data(TensorData::new(numbers, shape.into()), &FlexDevice)
}
