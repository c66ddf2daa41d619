"""Make the environments of CLIMADA and Oasis, each apart from riskmodel's, in a folder you name.

    python -m tests.benchmarks.peers.build FOLDER [climada] [oasis]

Neither is a dependency of riskmodel. CLIMADA's own requirement ``gdal`` has no wheel and needs the
GDAL library and a compiler; CLIMADA imports it for night-light images only, which nothing here
touches, so the rest is installed without it and an empty module stands in its place. Oasis compiles
its kernels at the first run, for about a minute.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import venv
from pathlib import Path

CLIMADA_VERSION = "6.1.0"
OASIS_VERSION = "2.5.8"
#: what CLIMADA's engine, hazard and entity modules import, as its metadata name them, less gdal
CLIMADA_NEEDS = (
    "bayesian-optimization", "bottleneck", "cartopy", "cfgrib", "contextily", "dask",
    "deprecation", "fiona", "geopandas", "h5py", "haversine", "matplotlib", "netcdf4",
    "numba", "openpyxl", "overpy", "pandas<3", "pathos", "peewee", "pillow", "pint",
    "pyarrow", "pycountry", "pyproj", "rasterio", "salib", "scikit-learn", "seaborn",
    "sparse", "statsmodels", "tables", "tabulate", "tqdm", "xarray", "xlrd", "xlsxwriter")
#: the arguments of pip, in order
STEPS: dict[str, list[list[str]]] = {
    "climada": [["--no-deps", f"climada=={CLIMADA_VERSION}"],
                ["--only-binary=:all:", *CLIMADA_NEEDS]],
    "oasis": [[f"oasislmf=={OASIS_VERSION}"]],
}


class CannotInstall(Exception):
    """An environment could not be made; the text says why."""


def python_of(home: Path) -> Path:
    """Return where the Python of an environment is."""
    return home / ("Scripts" if sys.platform == "win32" else "bin") / "python"


def build(name: str, home: Path, timeout_s: float = 900.0) -> Path:
    """Make the environment ``name`` at ``home``; return its Python.

    Raises
    ------
    CannotInstall
    """
    if name == "climada" and not (3, 10) <= sys.version_info[:2] <= (3, 12):
        raise CannotInstall(f"CLIMADA {CLIMADA_VERSION} needs Python 3.10 to 3.12")
    venv.EnvBuilder(with_pip=True).create(home)
    python = python_of(home)
    for words in STEPS[name]:
        try:
            done = subprocess.run([python, "-m", "pip", "install", "-q", *words], check=False,
                                  capture_output=True, text=True, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise CannotInstall(f"{name} was not installed within {timeout_s:.0f} s") from None
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise CannotInstall(f"{name} cannot be installed here: {last}")
    if name == "climada":
        found = subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True, capture_output=True, text=True).stdout.strip()
        osgeo = Path(found) / "osgeo"
        if not osgeo.exists():
            osgeo.mkdir()
            (osgeo / "__init__.py").touch()
            (osgeo / "gdal.py").touch()
    return python


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the environments go; give it to the "
                        "benchmark as --peers")
    parser.add_argument("names", nargs="*", choices=[[], *STEPS], help="which; both if left out")
    asked = parser.parse_args()
    failed = 0
    for name in asked.names or STEPS:
        try:
            sys.stdout.write(f"{name}: {build(name, asked.folder / name)}\n")
        except CannotInstall as why:
            sys.stdout.write(f"{name}: {why}\n")
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
