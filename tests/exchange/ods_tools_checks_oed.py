"""In an environment with ods_tools: let it check an OED location file, say what it found."""

import json
import sys

from ods_tools.oed import OedExposure

exposure = OedExposure(location=sys.argv[1], use_field=True)
found = exposure.check(validation_config=[
    {"name": name, "on_error": "return"} for name in (
        "required_fields", "unknown_column", "valid_values", "perils", "occupancy_code",
        "construction_code", "country_and_area_code")])
print(json.dumps({"rows": len(exposure.location.dataframe),
                  "invalid": [str(each["msg"]) for each in found]}))
