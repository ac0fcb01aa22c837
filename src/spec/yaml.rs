//! Values from and to YAML: the one file that names `serde_yaml`.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A text that does not hold the wanted value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// What is wrong, with the path of the value where it is known.
    pub message: String,
    /// The byte it was noticed at.
    pub at: Option<usize>,
}

/// Reads a value; enums are words or mappings with one key, never tags.
pub fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    let mut track = serde_path_to_error::Track::new();
    let yaml = serde_yaml::Deserializer::from_str(text);
    let tracked = serde_path_to_error::Deserializer::new(yaml, &mut track);
    serde_yaml::with::singleton_map_recursive::deserialize(tracked).map_err(|error: serde_yaml::Error| YamlError {
        message: error.to_string(),
        at: error.location().map(|location| location.index()),
    })
}

/// Reads every document of a text: values that `---` stands between.
pub fn documents<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, YamlError> {
    let documents = serde_yaml::Deserializer::from_str(text);
    documents
        .map(|document| {
            serde_yaml::with::singleton_map_recursive::deserialize(document).map_err(|error: serde_yaml::Error| {
                YamlError {
                    message: error.to_string(),
                    at: error.location().map(|location| location.index()),
                }
            })
        })
        .collect()
}

/// Writes a value, in the form [`from_text`] reads.
pub fn to_text<T: Serialize>(value: &T) -> Result<String, YamlError> {
    let mut bytes = Vec::new();
    let mut serializer = serde_yaml::Serializer::new(&mut bytes);
    serde_yaml::with::singleton_map_recursive::serialize(value, &mut serializer).map_err(|error| YamlError {
        message: error.to_string(),
        at: None,
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::plan_file::{PlanFile, Step};

    #[test]
    fn a_step_is_a_mapping_with_one_key_both_ways() {
        let step = Step::Uninstall(vec!["a".into()]);
        let text = to_text(&vec![step.clone()]).unwrap();
        assert_eq!(text, "- uninstall:\n  - a\n");
        assert_eq!(from_text::<Vec<Step>>(&text).unwrap(), [step]);
    }

    #[test]
    fn an_error_tells_the_path_and_the_byte() {
        let text = "customer: å\nsource: {backup: a}\ntarget: 19.0\nlimits: {cpus: fyra}\n";
        let error = from_text::<PlanFile>(text).unwrap_err();
        assert!(error.message.starts_with("limits.cpus: invalid type"), "{error}");
        assert_eq!(error.at, text.find("fyra"));
    }
}
