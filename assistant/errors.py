"""What can go wrong in the conversation. Messages name the bad value and the remedy."""


class AssistantError(Exception):
    """Any error of this package that a person can do something about."""


class SettingsError(AssistantError):
    """An option or environment variable has a value that cannot be used."""


class ModelError(AssistantError):
    """The weights are missing, damaged or not what was asked for."""


class EngineError(AssistantError):
    """The engine could not answer."""


class AdapterError(EngineError):
    """An adapter was asked for that the engine does not have."""


class ReadingError(AssistantError):
    """The model's answer about a message was not an answer."""
