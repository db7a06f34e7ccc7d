"""The user's TMDB key, and the user's statement that TMDB permits this use.

Both come from the environment, else from Streamlit's secrets, which are read as a file, so that worker processes have
them as the pages do. They are read when something is to be fetched, and stored nowhere.
"""

import os
import tomllib
from pathlib import Path

from core.errors import BadSettings

KEY = "TMDB_API_KEY"
PERMISSION = "TMDB_PERMISSION"
YES = ("yes", "true", "1")
WHERE = "in the environment or in .streamlit/secrets.toml"
KEYS_AT = "https://www.themoviedb.org/settings/api"
TERMS_AT = "https://www.themoviedb.org/api-terms-of-use"
NO_KEY = f"needs your key: set {KEY} {WHERE}. Keys are free for private use at {KEYS_AT}"
NO_PERMISSION = (
    f"TMDB's terms ({TERMS_AT}) forbid its content in machine learning without its consent. "
    f'If you have that, set {PERMISSION} to "yes" {WHERE}'
)


def key() -> str:
    """Return the key, or "" where there is none. Raises BadSettings where the secrets cannot be read."""
    return _setting(KEY)


def permitted() -> bool:
    """Return whether the user states that TMDB permits this use."""
    return _setting(PERMISSION).lower() in YES


def _setting(name: str) -> str:
    value = os.environ.get(name, "").strip()
    # The project's secrets before the user's own, as Streamlit has it.
    for folder in (Path(), Path.home()):
        value = value or _secret(folder / ".streamlit" / "secrets.toml", name)
    return value


def _secret(path: Path, name: str) -> str:
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8")).get(name, "")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        # Without the text of the error, which may contain the secret.
        raise BadSettings(f"{path} cannot be read as TOML ({type(error).__name__}); correct it") from None
    return str(value).strip()
