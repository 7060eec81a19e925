"""What the stages share: records, corpora, text, the feature store, plug-ins, settings, errors."""
