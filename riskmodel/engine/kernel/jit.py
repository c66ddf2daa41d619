"""How the kernel's functions are compiled."""

from __future__ import annotations

from typing import Any

from numba import njit, types
from numba.core import ir
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.typed_passes import NopythonTypeInference


@register_pass(mutates_CFG=False, analysis_only=False)
class CountFromZero(FunctionPass):  # type: ignore[misc]
    """Read every array index as unsigned.

    Python counts negative indices from the end, which costs a comparison and a choice at every
    access: a third of the kernel's time. The kernel has no negative index.
    """

    _name = "riskmodel_count_from_zero"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        """Change the signatures of reads and writes of single elements."""
        changed = False
        for place, signature in list(state.calltypes.items()):
            read = isinstance(place, ir.Expr) and place.op == "getitem"
            if not (read or isinstance(place, ir.SetItem)):
                continue
            array, index, *rest = signature.args
            if isinstance(array, types.Array) and index == types.intp:
                del state.calltypes[place]  # which takes a key once
                state.calltypes[place] = signature.replace(args=(array, types.uintp, *rest))
                changed = True
        return changed


class KernelCompiler(CompilerBase):  # type: ignore[misc]
    """Numba's compiler with the kernel's pass added, see "Customizing the compiler" there."""

    def define_pipelines(self) -> list[Any]:
        """Return the one pipeline."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.add_pass_after(CountFromZero, NopythonTypeInference)
        passes.finalize()
        return [passes]


def jit(**options: Any) -> Any:
    """Return numba's decorator with the kernel's options.

    The kernel allocates nothing, so it is compiled without numba's counting of references, which
    would cost an atomic instruction per array and call. Divisors are never 0 by construction.
    """
    return njit(_nrt=False, error_model="numpy", pipeline_class=KernelCompiler, **options)
