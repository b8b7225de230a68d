"""Generate clients of the API: `python -m clients FOLDER` makes FOLDER/python and FOLDER/typescript."""

from __future__ import annotations

import sys
from pathlib import Path

from clients.generate import ClientError, generate_python, generate_typescript


def main(folder: Path) -> int:
    """Generate both; 1 when one cannot be."""
    try:
        python = generate_python(folder / "python")
        print(f"Python: put {python} on the path, then `from collaborations_client import AuthenticatedClient`.")
        types = generate_typescript(folder / "typescript")
        print(f"TypeScript: {types}, for `createClient<paths>` of openapi-fetch.")
    except ClientError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
