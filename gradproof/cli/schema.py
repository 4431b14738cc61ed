"""Write `verdict.schema.json` after a record has changed: `python -m gradproof.cli.schema`."""

from pathlib import Path

from gradproof.cli.document import schema_text

if __name__ == "__main__":
    (Path(__file__).parents[1] / "verdict.schema.json").write_text(schema_text(), encoding="utf-8")
