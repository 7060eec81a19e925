"""The libraries that serve, which are optional."""

from core.errors import SettingError


def require_server() -> None:
    """Refuse to serve where there is nothing to serve with.

    Raises:
        SettingError: FastAPI or uvicorn is not installed.
    """
    try:
        import fastapi
        import uvicorn
    except ImportError as error:
        raise SettingError(
            f"the page is served by FastAPI and uvicorn, and {error.name} is not installed; type "
            "make setup EXTRAS=1, or use `search`, which needs neither"
        ) from None
    del fastapi, uvicorn
