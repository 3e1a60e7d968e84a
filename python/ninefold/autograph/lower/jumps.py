# In: a block of statements and one kind of jump (break, continue or return).
# Out: the block without that jump: a flag is set, and what the jump would skip is guarded.
import ast

from .template import expression, statements


class Unsupported(Exception):
    """The function holds a construct that is not converted; it runs as it is."""


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
LOOPS = (ast.For, ast.While, ast.AsyncFor)


class Jump:
    """One kind of jump: which statement it is, what replaces it, and its flag."""

    def __init__(self, node_type, flag, into_loops, replace):
        self.node_type = node_type
        self.flag = flag
        self.into_loops = into_loops  # `return` leaves loops, the others belong to one
        self.replace = replace


def holds(stmts, jump_type, into_loops):
    """True iff a jump of this type, leaving these statements, is among them."""
    for s in stmts:
        if isinstance(s, jump_type):
            return True
        if isinstance(s, FUNCTIONS):
            continue
        if isinstance(s, LOOPS) and not into_loops:
            if holds(s.orelse, jump_type, into_loops):
                return True
            continue
        for block in blocks(s):
            if holds(block, jump_type, into_loops):
                return True
    return False


def blocks(stmt):
    """The statement lists directly inside a statement."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(stmt, field, None)
        if isinstance(block, list):
            yield block
    for part in getattr(stmt, "handlers", None) or getattr(stmt, "cases", None) or ():
        yield part.body


def always_jumps(stmts, jump):
    """True iff no path runs past these statements."""
    return any(
        isinstance(s, jump.node_type)
        or isinstance(s, ast.If) and always_jumps(s.body, jump) and always_jumps(s.orelse, jump)
        or isinstance(s, ast.With) and always_jumps(s.body, jump)
        for s in stmts
    )


def lower(stmts, jump):
    """Returns (statements, may_jump, always_jumps)."""
    out = []
    for i, s in enumerate(stmts):
        if isinstance(s, jump.node_type):
            return out + jump.replace(s), True, True
        if isinstance(s, FUNCTIONS) or not holds([s], jump.node_type, jump.into_loops):
            out.append(s)
            continue
        rest = stmts[i + 1:]
        if isinstance(s, ast.If):
            return _lower_if(s, rest, out, jump)
        always = _lower_inside(s, jump)
        out.append(s)
        if always:
            return out, True, True
        if not rest:
            return out, True, False
        rest, _, always = lower(rest, jump)
        guard = statements("if not flag:\n  rest", rest[0], flag=jump.flag, rest=rest)
        return out + guard, True, False
    return out, False, False


def _lower_if(s, rest, out, jump):
    # Where one side always jumps, what follows belongs to the other side. The two sides then
    # define the same variables, which a conditional on a tensor needs.
    # Decided before lowering, which replaces the jumps in place.
    if rest and always_jumps(s.body, jump) and not always_jumps(s.orelse, jump):
        s.orelse, rest = s.orelse + rest, []
    elif rest and always_jumps(s.orelse, jump) and not always_jumps(s.body, jump):
        s.body, rest = s.body + rest, []
    body, _, body_always = lower(s.body, jump)
    orelse, _, else_always = lower(s.orelse, jump)
    s.body, s.orelse = body, orelse
    out.append(s)
    always = body_always and else_always
    if rest and not always:
        rest, _, _ = lower(rest, jump)
        out += statements("if not flag:\n  rest", rest[0], flag=jump.flag, rest=rest)
    return out, True, always


def _lower_inside(s, jump):
    """Lowers the blocks of a statement in place; True iff it always jumps."""
    if isinstance(s, ast.While):
        s.body, _, _ = lower(s.body, jump)
        s.test = expression("not flag and test", s.test, flag=jump.flag, test=s.test)
        return False
    if isinstance(s, ast.For):
        s.body, _, _ = lower(s.body, jump)
        s.more = [jump.flag] + getattr(s, "more", [])
        return False
    if isinstance(s, ast.Try) or type(s).__name__ == "TryStar":
        if holds(s.finalbody, jump.node_type, jump.into_loops):
            raise Unsupported("a jump out of `finally` is not converted")
        s.body, may, _ = lower(s.body, jump)
        orelse, _, _ = lower(s.orelse, jump)
        if may and orelse:
            orelse = statements("if not flag:\n  rest", orelse[0], flag=jump.flag, rest=orelse)
        s.orelse = orelse
        for handler in s.handlers:
            handler.body, _, _ = lower(handler.body, jump)
        return False
    if isinstance(s, ast.With):
        s.body, _, always = lower(s.body, jump)
        return always
    if type(s).__name__ == "Match":
        for case in s.cases:
            case.body, _, _ = lower(case.body, jump)
        return False
    raise Unsupported("a jump inside {} is not converted".format(type(s).__name__))
