//! What layers that join several values have in common.

use burn::tensor::Tensor;

use super::fitting::sized;
use super::rule::Site;
use crate::graph::nodes::Nodes;
use crate::value::shape::Shape;

/// The shape of inputs that are laid over each other: that of the first, with the height and width of
/// the largest. Maps of one pixel are spread over the others. `fits` says whether another input has
/// the channels that the first one needs beside it.
///
/// # Errors
/// Fewer than two inputs; the first two that do not fit, and what would.
pub(super) fn spread_shape(
    inputs: &[Shape],
    fits: fn(Shape, Shape) -> bool,
) -> Result<Shape, String> {
    let (first, others) = match inputs {
        [first, others @ ..] if !others.is_empty() => (*first, others),
        _ => return Err("this layer joins two layers or more; name them in `from`".to_owned()),
    };
    let largest = largest(inputs.iter().filter_map(|input| input.area()));
    let widest = inputs.iter().find(|input| input.area() == largest).copied().unwrap_or(first);
    let spreads = |input: &Shape| input.area() == largest || input.area() == Some([1, 1]);
    for other in others {
        let kinds = first.area().is_some() == other.area().is_some();
        let (beside, remedy) = match (kinds, fits(first, *other)) {
            (false, _) => (first, "add a \"flatten\" or \"reshape\" layer to one of them"),
            (true, false) => {
                (first, "they need as many channels: change `filters` or `units` of one")
            }
            (true, true) if !spreads(other) => (
                widest,
                "they need one height and width, or a map of one pixel: change `stride` or `padding`, \
                 or add an \"upsample\" layer",
            ),
            (true, true) => continue,
        };
        return Err(format!("it joins {beside} and {other}, which do not match; {remedy}"));
    }
    match (first, largest) {
        (Shape::Maps { channels, .. }, Some([height, width])) => {
            sized(&[channels, height, width], "it outputs")
        }
        _ => Ok(first),
    }
}

/// The sizes that maps of one pixel are spread to.
pub(super) fn largest(areas: impl Iterator<Item = [usize; 2]>) -> Option<[usize; 2]> {
    areas.reduce(|left, right| if left == [1, 1] { right } else { left })
}

/// Values joined two at a time; a layer of a checked network has two or more.
pub(super) fn reduced(
    mut inputs: Vec<Tensor<4>>,
    join: fn(Tensor<4>, Tensor<4>) -> Tensor<4>,
) -> Tensor<4> {
    let others = inputs.split_off(1);
    others.into_iter().fold(inputs.swap_remove(0), join)
}

/// Adds nodes of an operator of two inputs that join all inputs, one after the other.
pub(super) fn chain(site: &Site<'_>, operator: &str, nodes: &mut Nodes) {
    let last = site.inputs.len() - 1;
    let mut joined = site.inputs[0].to_owned();
    for (index, input) in site.inputs.iter().enumerate().skip(1) {
        let name =
            if index == last { site.name.to_owned() } else { format!("{}/{index}", site.name) };
        nodes.add(&name, operator, &[&joined, input], Vec::new());
        joined = name;
    }
}
