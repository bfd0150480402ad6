"""What can go wrong while adapters are made. Every message names the bad value and the remedy."""


class AdapterError(Exception):
    """Something about an adapter, its data or its base model."""


class PhraseError(AdapterError):
    """phrases.txt does not follow its own notation."""


class ExportError(AdapterError):
    """An adapter cannot be turned into GGUF."""


class TrainingError(AdapterError):
    """The training cannot start or go on."""
