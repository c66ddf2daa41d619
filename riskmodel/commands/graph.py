"""``riskmodel graph``: what hangs on what, in numbers, as a file, or as a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmodel.commands.console import (
    WrongUsage,
    number,
    plain,
    print_json,
    print_table,
    records,
    say,
    wrong_usage,
)
from riskmodel.commands.looks import explain, print_lines
from riskmodel.commands.worlds import check_holds, check_labs, read_checked, ready_engine

if TYPE_CHECKING:
    from riskmodel.world.world import World

PICTURES = (".svg", ".png")
GRAPHS = (".json", ".graphml")
SHOWN = 15


def graph(folder: Path | None, *, as_of: str | None, site: str | None, lab: str | None,
          node: str | None, service: str, sites: bool, out: Path | None, as_json: bool) -> None:
    """Say what hangs on what: in the world, of a lab, of a site or of a node."""
    if sum(each is not None for each in (site, lab, node)) > 1:
        raise WrongUsage("name one of --site, --lab and --node")
    _check_file(out, lab)
    if site is not None and out is None:
        explain(site, folder, as_of=as_of, as_json=as_json)
        return
    world, _ = read_checked(folder, as_of)
    check_labs(world, None if lab is None else [lab])
    check_holds(world, lab)
    with wrong_usage():
        if out is not None:
            _write(world, out, lab, site or node, sites)
        if site is not None:
            document, lines = {"site": site}, [str(world.explain(site))]
        elif lab is not None:
            document, lines = _lab(world, lab, service, sites)
        elif node is not None:
            document, lines = _node(world, node, sites)
        else:
            document, lines = _world(world, sites)
    if as_json:
        print_json({"ok": True, **document, "out": None if out is None else str(out)})
    else:
        for line in lines:
            if isinstance(line, str):
                print_lines([line])
            else:
                print_table(line[1], line[0], right=line[2], caption=line[3])
        if out is not None:
            say(f"graph: {out}")


def _check_file(out: Path | None, lab: str | None) -> None:
    if out is None:
        return
    if out.suffix not in (*PICTURES, *GRAPHS) or out.is_dir():
        raise WrongUsage(f"{out} is no file for a graph; name one that ends in "
                         f"{', '.join((*GRAPHS, *PICTURES))}")
    if out.suffix in PICTURES and lab is None:
        raise WrongUsage("a picture is of one lab; name it with --lab (or write a .graphml)")
    if not out.expanduser().parent.is_dir():
        raise WrongUsage(f"there is no folder {out.parent} to write {out.name} into; make it "
                         "first, or name another")


def _world(world: World, sites: bool) -> tuple[dict[str, Any], list[Any]]:
    from riskmodel.decisions.contingency.dependence import structure

    found = structure(world)
    frame = _leaning(world, "total")
    count = sum(found.kinds.values())
    lines: list[Any] = [
        f"{count:,} nodes, {found.rows:,} requirement rows: "
        + ", ".join(f"{many} {kind}" for kind, many in found.kinds.items()),
        *(["no node needs itself through others"] if not found.cycles else
          [f"a circle: {' -> '.join(loop)}" for loop in found.cycles]),
        _table(world, frame, "What most capacity hangs on, all labs together", sites)]
    return {"nodes": found.kinds, "rows": found.rows, "cycles": found.cycles,
            "leans_on": records(frame)}, lines


def _lab(world: World, lab: str, service: str, sites: bool) -> tuple[dict[str, Any], list[Any]]:
    from riskmodel.decisions.contingency.supply_cut import cut_off_by_one, fewest_failures

    frame = _leaning(world, lab)
    cuts = fewest_failures(world, lab, service)
    alone = cut_off_by_one(world, lab, service)
    singles = frame[frame["single_point"] & (sites | ~frame["kind"].isin(["site", "zone"]))]
    from riskmodel.report.names import Names

    names = Names(world, sites)
    lines: list[Any] = [_table(world, frame, f"What {lab} leans on", sites)]
    named = list(dict.fromkeys(names.node(node) for node in singles["node"]))
    lines.append(f"takes a fifth of it or more, alone: {', '.join(named) or 'nothing'}")
    for row in records(cuts):
        told = ", ".join(names.node(each) for each in row["nodes"])
        few = "one failure cuts" if row["failures"] == 1 else f"{row['failures']} failures cut"
        most = "" if row["exact"] else " (fewer may do: some groups need several members)"
        lines.append(f"{service}: {few} {row['cut_off_share']:.0%} of it off: {told}{most}")
    return {"lab": lab, "leans_on": records(frame),
            "single_points": frame.loc[frame["single_point"], "node"].tolist(),
            "service": service, "fewest_failures": records(cuts),
            "cut_off_by_one": records(alone)}, lines


def _node(world: World, node: str, sites: bool) -> tuple[dict[str, Any], list[Any]]:
    told = world.explain(node)
    frame = _leaning(world, None)
    frame = frame[frame["node"] == node]
    users = world.requirements.loc[world.requirements["member_id"] == node, "node_id"]
    shown = pd.DataFrame({"lab": frame["lab"], "sites": frame["sites"].astype(str),
                          "behind it, MW": frame["behind_mw"].map(number),
                          "of the lab": frame["behind_share"].map("{:.0%}".format),
                          "lost with it": frame["lost_share"].map("{:.0%}".format)})
    lines: list[Any] = [str(told), f"needed at once by {users.nunique()} nodes"]
    if len(shown):
        lines.append((f"Who leans on {node}", shown,
                      ["sites", "behind it, MW", "of the lab", "lost with it"],
                      "lost with it: at the peak of an outage of 720 h"))
    else:
        lines.append("no lab's capacity leans on it")
    return {"node": node, "needs": records(told.frame), "needed_by": sorted(set(users)),
            "labs": records(frame)}, lines


def _leaning(world: World, lab: str | None) -> pd.DataFrame:
    from riskmodel.decisions.contingency.dependence import dependencies

    ready_engine()
    return dependencies(world, lab)


def _table(world: World, frame: pd.DataFrame, title: str, sites: bool) -> Any:
    """Return title, table for people, columns to the right and caption."""
    from riskmodel.report.names import Names

    names = Names(world, sites)
    if not sites:
        frame = frame[~frame["kind"].isin(["site", "zone"])]
    rows = [{"node": names.node(row["node"]), "kind": row["kind"], "sites": str(row["sites"]),
             "behind it, MW": number(row["behind_mw"]), "share": f"{row['behind_share']:.0%}",
             "lost with it": f"{row['lost_share']:.0%}"} for row in records(frame.head(SHOWN))]
    return (title, pd.DataFrame(rows, columns=["node", "kind", "sites", "behind it, MW", "share",
                                               "lost with it"]),
            ["sites", "behind it, MW", "share", "lost with it"],
            "behind it: IT MW at sites that need it at all, directly or through others; lost with "
            "it: at the peak of an outage of 720 h")


def _write(world: World, out: Path, lab: str | None, node: str | None, sites: bool) -> None:
    target = out.expanduser()
    if out.suffix in PICTURES:
        from riskmodel.report.dependency_picture import write_picture

        write_picture(world, str(lab), target, sites=sites)
        return
    import networkx as nx

    from riskmodel.decisions.contingency.dependence import part_of_graph

    part = part_of_graph(world, lab=lab, node=node)
    if out.suffix == ".json":
        document = nx.node_link_data(part, edges="edges")
        target.write_text(json.dumps(plain(document), indent=1, ensure_ascii=False) + "\n",
                          encoding="utf-8")
        return
    for *_, data in (*part.nodes(data=True), *part.edges(data=True)):
        for key, value in list(data.items()):  # GraphML knows no empty numbers
            data[key] = plain(value)
            if data[key] is None:
                del data[key]
    nx.write_graphml(part, target)
