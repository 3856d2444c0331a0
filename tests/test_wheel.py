"""What is installed is whole: pages, style, catalogues, migrations and the example travel in the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_a_wheel_holds_everything_that_the_source_tree_does(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("outspoken-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    tree = ROOT / "src"
    kept = {
        str(file.relative_to(tree))
        for file in (tree / "outspoken").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert kept <= packed
    for kind in (".html", ".css", ".po", ".toml", "migrations/versions/0001_first_tables.py", "py.typed"):
        assert any(name.endswith(kind) for name in packed), kind
