"""Of the options of stage one those that captions have too; the others are refused."""

from core.errors import SettingError
from extract.settings import FeatureSettings
from extract.texts.settings import TextSettings
from pipeline.typed.by_make import dashed


def of_texts(settings: FeatureSettings, **others: object) -> TextSettings:
    """What was typed of the vectors of captions.

    Args:
        settings: of stage one; what nobody typed is not in its ``model_fields_set``.
        others: further options that are of pictures alone; None where they were not typed.

    Raises:
        SettingError: an option that is of pictures alone was typed.
    """
    typed = settings.model_dump(include=settings.model_fields_set)
    of_pictures = [name for name in typed if name not in TextSettings.model_fields]
    refused = sorted([*of_pictures, *(name for name, value in others.items() if value is not None)])
    if refused:
        listed = ", ".join(map(dashed, refused))
        raise SettingError(f"--text is of captions alone, and {listed} of pictures: leave it out")
    return TextSettings.model_validate(typed)
