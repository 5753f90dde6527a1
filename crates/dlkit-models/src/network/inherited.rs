//! Weights that a network takes over from another.

use std::collections::BTreeMap;

use burn::tensor::TensorData;

use super::given::WeightsError;
use super::layers::rule::Role;
use super::module::Network;
use super::spec::LayerSpec;

/// Weights of another network, and what its outputs and those of the heir stand for.
pub struct Legacy {
    /// Named and shaped as in [`Network::weights`].
    pub weights: Vec<(String, TensorData)>,
    /// What each output stands for, in the network that the weights come from and in the one that takes
    /// them, if known. Outputs are then taken by this, not by their places.
    pub outputs: Option<[Vec<String>; 2]>,
}

/// A network that has taken over weights, and which.
pub struct Inherited {
    /// The network.
    pub network: Network,
    /// The layers whose weights were taken.
    pub taken: Vec<String>,
    /// The other layers that have weights, each with the reason; theirs stay as they were drawn.
    pub fresh: Vec<(String, String)>,
    /// How many outputs were taken of how many, where they were taken by what they stand for.
    pub outputs: Option<[usize; 2]>,
}

impl Network {
    /// The same network with the weights of another in each layer that has the same name and shapes.
    ///
    /// Where it is known what the outputs stand for, the layer that makes them takes the weights of each
    /// output from the one that stands for the same, and its other outputs stay as they were drawn.
    ///
    /// ```
    /// use dlkit_models::Device;
    /// use dlkit_models::network::{Legacy, Network, NetworkSpec};
    ///
    /// let network = |units: usize, seed| -> Result<Network, Box<dyn std::error::Error>> {
    ///     let layers = format!(
    ///         "input = [2]\nlayers = [{{ type = \"dense\", units = 3 }}, {{ type = \"dense\", units = {units} }}]"
    ///     );
    ///     Ok(Network::new(&NetworkSpec::new(&toml::from_str(&layers)?)?, seed, &Device::flex()))
    /// };
    /// let (trained, other) = (network(5, 1)?, network(2, 2)?);
    /// let heir = other.inheriting(Legacy { weights: trained.weights(), outputs: None })?;
    /// assert_eq!(heir.taken, ["dense1"]);
    /// assert_eq!(heir.network.weights()[0], trained.weights()[0]);
    /// assert_eq!(heir.fresh[0].1, "weight `dense2.weight`: its shape is [3, 5], but the network needs [3, 2]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// None that weights of a network can have.
    pub fn inheriting(
        self,
        Legacy { weights, outputs }: Legacy,
    ) -> Result<Inherited, WeightsError> {
        let given: BTreeMap<String, TensorData> = weights.into_iter().collect();
        let places = outputs.as_ref().map(|[from, to]| places(from, to));
        let known = outputs.as_ref().map_or(0, |[from, _]| from.len());
        let last = places.as_ref().and_then(|places| self.output_layer(places.len()));
        let (mut taken, mut fresh, mut counted) = (Vec::new(), Vec::new(), None);
        let mut all = Vec::new();
        for (index, (spec, layer)) in self.spec().layers().iter().zip(self.layers()).enumerate() {
            let named =
                |(field, data): (&str, TensorData)| (format!("{}.{field}", spec.name()), data);
            let own: Vec<(String, TensorData)> =
                layer.compute().weights().into_iter().map(named).collect();
            if own.is_empty() {
                continue;
            }
            // Behind the layer that makes the outputs, there may be one value for each of them.
            let by_output = places.as_ref().filter(|_| last.is_some_and(|last| index >= last));
            let found: Result<Vec<TensorData>, String> = match by_output {
                Some(places) => own
                    .iter()
                    .map(|own| by_place(own, &given, axis(spec, &own.0), known, places))
                    .collect(),
                None => own.iter().map(|own| same_shape(own, &given)).collect(),
            };
            match found {
                Ok(found) => {
                    taken.push(spec.name().to_owned());
                    all.extend(own.into_iter().map(|(name, _)| name).zip(found));
                    if let (Some(places), Some(true)) = (by_output, last.map(|last| index == last))
                    {
                        counted = Some([places.iter().flatten().count(), places.len()]);
                    }
                }
                Err(reason) => {
                    fresh.push((spec.name().to_owned(), reason));
                    all.extend(own);
                }
            }
        }
        Ok(Inherited { network: self.with_weights(all)?, taken, fresh, outputs: counted })
    }

    /// The place of the layer that makes this many outputs, if nothing behind it mixes them.
    fn output_layer(&self, outputs: usize) -> Option<usize> {
        let layers = self.spec().layers();
        let has_weights = |layer: &LayerSpec| matches!(layer.behavior().role, Role::Weights { .. });
        let last = layers.iter().rposition(has_weights)?;
        (layers[last].output().channels() == outputs).then_some(last)
    }
}

/// Along which axis a weight of a layer has one value, row or plane for each output.
fn axis(spec: &LayerSpec, name: &str) -> usize {
    match spec.behavior().role {
        Role::Weights { neurons_axis, .. } if name.ends_with(".weight") => neurons_axis,
        _ => 0,
    }
}

/// The place of each of the second outputs among the first.
fn places(from: &[String], to: &[String]) -> Vec<Option<usize>> {
    let known: BTreeMap<&String, usize> = from.iter().zip(0..).collect();
    to.iter().map(|output| known.get(output).copied()).collect()
}

fn find<'a>(name: &str, given: &'a BTreeMap<String, TensorData>) -> Result<&'a TensorData, String> {
    given.get(name).ok_or_else(|| format!("weight `{name}`: missing"))
}

fn other_shape(name: &str, given: &TensorData, own: &TensorData) -> String {
    format!(
        "weight `{name}`: its shape is {:?}, but the network needs {:?}",
        given.shape().to_vec(),
        own.shape().to_vec()
    )
}

fn same_shape(
    (name, own): &(String, TensorData),
    given: &BTreeMap<String, TensorData>,
) -> Result<TensorData, String> {
    let found = find(name, given)?;
    if found.shape() == own.shape() {
        Ok(found.clone())
    } else {
        Err(other_shape(name, found, own))
    }
}

/// A weight whose parts along an axis, of which there are `known`, are those at the given places, where
/// there are some.
fn by_place(
    (name, own): &(String, TensorData),
    given: &BTreeMap<String, TensorData>,
    axis: usize,
    known: usize,
    places: &[Option<usize>],
) -> Result<TensorData, String> {
    let found = find(name, given)?;
    let [from, to] = [found, own].map(|data| data.shape().to_vec());
    // One slope for all channels.
    if to.get(axis) != Some(&places.len()) {
        return same_shape(&(name.clone(), own.clone()), given);
    }
    let rest = |shape: &[usize]| {
        let others = shape.iter().enumerate().filter(|(index, _)| *index != axis);
        others.map(|(_, size)| *size).collect::<Vec<_>>()
    };
    // A layer of that name that does not make the outputs there has nothing to give.
    if from.get(axis) != Some(&known) || rest(&from) != rest(&to) {
        return Err(other_shape(name, found, own));
    }
    if places.iter().all(Option::is_none) {
        return Err("its outputs stand for others".to_owned());
    }
    let behind: usize = to[axis + 1..].iter().product();
    let [given, mut values] = [found, own].map(|data| data.iter::<f32>().collect::<Vec<_>>());
    for before in 0..to[..axis].iter().product() {
        for (index, place) in places.iter().enumerate() {
            let Some(place) = place else { continue };
            let source = (before * from[axis] + place) * behind;
            let target = (before * to[axis] + index) * behind;
            values[target..target + behind].copy_from_slice(&given[source..source + behind]);
        }
    }
    Ok(TensorData::new(values, to))
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::NetworkSpec;

    fn network(recipe: &str, seed: u64) -> Network {
        let spec = NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap();
        Network::new(&spec, seed, &Device::flex())
    }

    fn classifier(units: usize, seed: u64) -> Network {
        network(
            &format!(
                r#"
                input = [1, 4, 4]
                batch_norm = true
                layers = [
                    {{ type = "conv2d", filters = 3, kernel = 3 }},
                    {{ type = "flatten" }},
                    {{ type = "dense", units = {units}, batch_norm = true }},
                    {{ type = "softmax" }},
                ]
                "#
            ),
            seed,
        )
    }

    fn names(of: &[&str]) -> Vec<String> {
        of.iter().map(|name| (*name).to_owned()).collect()
    }

    fn value(network: &Network, name: &str) -> Vec<f32> {
        let weights = network.weights();
        weights.iter().find(|(own, _)| own == name).unwrap().1.iter().collect()
    }

    #[test]
    fn layers_that_fit_are_taken_and_others_stay() {
        let (old, new) = (classifier(3, 1), classifier(2, 2));
        let drawn = new.weights();
        let heir = new.inheriting(Legacy { weights: old.weights(), outputs: None }).unwrap();
        assert_eq!((heir.taken, heir.outputs), (names(&["conv1", "conv1.batch_norm"]), None));
        assert_eq!(heir.fresh.len(), 2);
        for ((name, found), drawn) in heir.network.weights().iter().zip(&drawn) {
            if name.starts_with("conv1.") {
                assert_eq!(found.iter::<f32>().collect::<Vec<_>>(), value(&old, name), "{name}");
            } else {
                assert_eq!(found, &drawn.1, "{name}");
            }
        }
        // The running statistics of the network that gave are its own.
        let mut other = old.weights();
        for (_, data) in &mut other {
            let sevens = vec![7.0_f32; data.iter::<f32>().count()];
            *data = TensorData::new(sevens, data.shape().to_vec());
        }
        let before = old.weights();
        let _ = old.clone().inheriting(Legacy { weights: other, outputs: None }).unwrap();
        assert_eq!(old.weights(), before);
    }

    #[test]
    fn outputs_are_taken_by_what_they_stand_for() {
        let (old, new) = (classifier(3, 1), classifier(4, 2));
        let outputs = [names(&["cat", "dog", "cow"]), names(&["cow", "bee", "cat", "ant"])];
        let legacy = Legacy { weights: old.weights(), outputs: Some(outputs) };
        let drawn = new.clone();
        let heir = new.inheriting(legacy).unwrap();
        let layers = ["conv1", "conv1.batch_norm", "dense1", "dense1.batch_norm"];
        assert_eq!(heir.taken, names(&layers));
        assert_eq!((heir.outputs, heir.fresh.len()), (Some([2, 4]), 0));
        let [found, from, own] = [&heir.network, &old, &drawn].map(|of| value(of, "dense1.weight"));
        for row in 0..from.len() / 3 {
            let [f, o, d] = [&found[row * 4..], &from[row * 3..], &own[row * 4..]];
            let expected = [o[2], d[1], o[0], d[3]].map(f32::to_bits);
            assert_eq!([f[0], f[1], f[2], f[3]].map(f32::to_bits), expected, "{row}");
        }
        let [found, from, own] =
            [&heir.network, &old, &drawn].map(|of| value(of, "dense1.batch_norm.running_variance"));
        assert_eq!(found, [from[2], own[1], from[0], own[3]]);
    }

    #[test]
    fn outputs_of_a_convolution_are_taken_along_its_first_axis() {
        let recipe = |filters: usize| {
            format!(
                "input = [2, 4, 4]\nlayers = [{{ type = \"conv2d\", filters = {filters}, kernel = 1 }}]"
            )
        };
        let (old, new) = (network(&recipe(2), 1), network(&recipe(1), 2));
        let outputs = [names(&["5", "7"]), names(&["7"])];
        let heir =
            new.inheriting(Legacy { weights: old.weights(), outputs: Some(outputs) }).unwrap();
        assert_eq!(value(&heir.network, "conv1.weight"), value(&old, "conv1.weight")[2..]);
        assert_eq!(heir.outputs, Some([1, 1]));
    }

    #[test]
    fn hidden_units_and_other_classes_are_not_taken_for_outputs() {
        let recipe = |units: &[usize]| {
            let dense = |units: &usize| format!("{{ type = \"dense\", units = {units} }}");
            let layers: Vec<String> = units.iter().map(dense).collect();
            format!("input = [3]\nlayers = [{}]", layers.join(", "))
        };
        // The layer with the name of the one that makes the outputs is hidden there.
        let (old, new) = (network(&recipe(&[5, 2]), 1), network(&recipe(&[2]), 2));
        let outputs = [names(&["a", "b"]), names(&["a", "b"])];
        let legacy = Legacy { weights: old.weights(), outputs: Some(outputs) };
        assert!(new.inheriting(legacy).unwrap().taken.is_empty());
        let new = network(&recipe(&[5, 2]), 2);
        let outputs = [names(&["a", "b"]), names(&["c", "d"])];
        let legacy = Legacy { weights: old.weights(), outputs: Some(outputs) };
        let heir = new.inheriting(legacy).unwrap();
        assert_eq!((heir.taken, heir.outputs), (names(&["dense1"]), None));
        assert_eq!(heir.fresh[0].1, "its outputs stand for others");
    }

    #[test]
    fn other_inputs_leave_the_outputs_as_they_were_drawn() {
        let recipe = |units: usize| {
            format!(
                "input = [3]\nlayers = [{{ type = \"dense\", units = {units} }}, \
                 {{ type = \"dense\", units = 1 }}]"
            )
        };
        let (old, new) = (network(&recipe(2), 1), network(&recipe(5), 2));
        let outputs = [names(&["y"]), names(&["y"])];
        let heir =
            new.inheriting(Legacy { weights: old.weights(), outputs: Some(outputs) }).unwrap();
        assert!(heir.taken.is_empty() && heir.outputs.is_none());
        assert!(
            heir.fresh[1].1.contains("[2, 1], but the network needs [5, 1]"),
            "{:?}",
            heir.fresh
        );
    }
}
