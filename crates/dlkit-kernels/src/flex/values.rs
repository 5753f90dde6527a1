//! Tensors of Flex as slices, and slices as tensors.

use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::Ops;
use burn::backend::flex::FlexDevice;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{DType, Device, Shape, Tensor, TensorData};

/// Whether a tensor is of single precision on Flex, followed by autodiff or not.
pub(super) fn is_single_flex<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && tensor.device() == Device::flex()
}

/// Whether a tensor is of single precision on Flex and belongs to no graph.
pub(super) fn is_plain<const D: usize>(tensor: &Tensor<D>) -> bool {
    is_single_flex(tensor) && !tensor.is_autodiff()
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

/// The tensor with its numbers in row-major order and nothing else in its storage, ready to be
/// changed in place. A storage that is shared is copied when it is changed.
pub(super) fn own(tensor: FloatTensor<Flex>) -> FloatTensor<Flex> {
    let length = tensor.shape().num_elements();
    let whole = tensor.layout().contiguous_offsets() == Some((0, length))
        && tensor.storage::<f32>().len() == length;
    if whole {
        return tensor;
    }
    let shape = tensor.shape();
    self::tensor(Values::new(tensor).slice().to_vec(), shape)
}

/// Gives the input of an operation on maps what `compute` makes of the operation's state and the output's
/// gradient: height and width of the input's maps, and its gradient.
pub(super) fn map_gradient<T>(
    operation: Ops<T, 1>,
    gradients: &mut Gradients,
    compute: impl FnOnce(T, &[f32]) -> ([usize; 2], Vec<f32>),
) {
    let gradient = gradients.consume::<Flex>(&operation.node);
    let [Some(parent)] = operation.parents else { return };
    let [batch, channels, ..] = gradient.shape().dims::<4>();
    let ([height, width], result) = compute(operation.state, Values::new(gradient).slice());
    gradients.register::<Flex>(parent.id, tensor(result, [batch, channels, height, width]));
}
