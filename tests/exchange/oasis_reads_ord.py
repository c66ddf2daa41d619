"""In an environment with oasislmf: read ORD tables with Oasis' own code, say what came of it."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from oasislmf.pytools.converters.csvtobin.manager import csvtobin
from oasislmf.pytools.converters.data import TOOL_INFO
from oasislmf.pytools.join_summary_info.manager import run as join

folder = Path(sys.argv[1])
rows, match, worst, labs = {}, True, 0.0, set()
for name, kind in (("splt", "splt"), ("selt", "selt"), ("melt", "melt"), ("ept", "ept"),
                   ("palt", "aal")):
    file = folder / f"gul_S1_{name}.csv"
    csvtobin(str(file), str(folder / f"{name}.bin"), kind)
    read = np.fromfile(folder / f"{name}.bin", dtype=TOOL_INFO[kind]["dtype"])
    given = pd.read_csv(file)
    rows[name] = len(read)
    match &= list(read.dtype.names) == list(given.columns)
    worst = max(worst, *(float(np.abs(read[c] - given[c].to_numpy()).max()) for c in given))
    join(folder / "gul_S1_summary-info.csv", file, folder / f"joined_{name}.csv")
    labs |= set(pd.read_csv(folder / f"joined_{name}.csv")["lab"])
print(json.dumps({"rows": rows, "columns_match": match, "largest_difference": worst,
                  "joined_with_labs": sorted(labs)}))
