"""What is wrong with a formula before any record is seen: unknown functions and fields, picklists compared as text."""

from __future__ import annotations

from collections.abc import Callable

from prm_harness.crm.formula.functions import FUNCTIONS
from prm_harness.crm.formula.tree import Binary, Call, FormulaError, Negative, Node, Path, Reference
from prm_harness.crm.org.errors import SandboxGapError

_LAZY = {
    "AND": (1, 99),
    "OR": (1, 99),
    "IF": (3, 3),
    "CASE": (4, 99),
    "ISNEW": (0, 0),
    "ISCHANGED": (1, 1),
    "PRIORVALUE": (1, 1),
    "NOW": (0, 0),
    "TODAY": (0, 0),
    "TIMENOW": (0, 0),
    "CURRENCYRATE": (1, 1),
    "VLOOKUP": (3, 3),
}
_TAKE_PICKLISTS = frozenset(
    {"ISPICKVAL", "TEXT", "CASE", "VLOOKUP", "ISBLANK", "ISNULL", "ISCHANGED", "PRIORVALUE"}
)
_TAKE_MULTIPICKLISTS = frozenset(
    {"INCLUDES", "PICKLISTCOUNT", "ISBLANK", "ISNULL", "ISCHANGED", "PRIORVALUE"}
)


def check(
    node: Node, type_of: Callable[[Path], str | None], parent: str = "", *, in_rule: bool = False
) -> None:
    """Refuse what the formula editor would refuse.

    Args:
        node: The formula.
        type_of: The type word of a field (``picklist``, ``currency`` …), or None for a field that does not exist.
        parent: The function around ``node``.
        in_rule: Whether it is a validation rule's, in which alone VLOOKUP() may be used.

    Raises:
        FormulaError: what an admin would be told.
        SandboxGapError: a function the sandbox does not have.
    """
    match node:
        case Call(name, args):
            least, most = _arity(name)
            if not least <= len(args) <= most:
                raise FormulaError(
                    f"Incorrect number of parameters for function '{name}()'. Expected {least}, received {len(args)}"
                )
            if name == "CASE" and len(args) % 2:
                raise FormulaError(
                    "Incorrect number of parameters for function 'CASE()'. The last one is the default"
                )
            if name in {"ISCHANGED", "PRIORVALUE"} and not isinstance(args[0], Reference):
                raise FormulaError(f"Incorrect parameter for function '{name}()'. Expected a field")
            if name == "VLOOKUP":
                if not in_rule:
                    raise FormulaError("Function VLOOKUP may not be used in this type of formula")
                for field in args[:2]:
                    if not (isinstance(field, Reference) and field.path[0].lower() == "$objecttype"):
                        raise FormulaError(
                            "Incorrect parameter for function 'VLOOKUP()'. Expected $ObjectType.Object.Fields.Field"
                        )
            # PRIORVALUE of a picklist is a picklist still.
            around = parent if name == "PRIORVALUE" and parent in _TAKE_PICKLISTS else name
            for arg in args:
                check(arg, type_of, around, in_rule=in_rule)
        case Binary(operator, left, right):
            for side in (left, right):
                check(side, type_of, f"operator {operator}", in_rule=in_rule)
        case Negative(operand):
            check(operand, type_of, "operator -", in_rule=in_rule)
        case Reference(path):
            _check_reference(path, type_of(path), parent)


def _arity(name: str) -> tuple[int, int]:
    if name in _LAZY:
        return _LAZY[name]
    if name in FUNCTIONS:
        return FUNCTIONS[name].least, FUNCTIONS[name].most
    raise SandboxGapError(f"formula function {name}() is not implemented")


def _check_reference(path: Path, type_word: str | None, parent: str) -> None:
    name = ".".join(path)
    if type_word is None:
        raise FormulaError(f"Field {name} does not exist. Check spelling.")
    if type_word == "location" and parent not in {"DISTANCE", "ISBLANK", "ISNULL", "ISCHANGED", "PRIORVALUE"}:
        raise FormulaError(
            f"Field {name} is a geolocation field. Geolocation fields are only supported in certain functions."
        )
    if type_word == "picklist" and parent not in _TAKE_PICKLISTS:
        raise FormulaError(
            f"Field {name} is a picklist field. Picklist fields are only supported in certain functions."
        )
    if type_word == "multipicklist" and parent not in _TAKE_MULTIPICKLISTS:
        raise FormulaError(
            f"Field {name} is a multi-select picklist field. "
            "Multi-select picklist fields are only supported in certain functions."
        )
