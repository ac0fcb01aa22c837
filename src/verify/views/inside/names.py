# What expressions and code name: fields and models that are not there. What is not certain is not told.


def step(model, name):
    """Follows a field of a model: returns whether it is there, and the model it leads to, if any."""
    field = env[model]._fields.get(name)
    if field is None:
        return False, None
    comodel = getattr(field, "comodel_name", None)
    return True, comodel if field.relational and comodel in env else None


def lost_in_path(model, path):
    """Returns `model.field` for the field of a path such as `partner_id.name` that is not there, or None."""
    if model not in env:
        return "model:%s" % model
    for name in path.split("."):
        there, onward = step(model, name)
        if not there:
            return "%s.%s" % (model, name)
        if onward is None:
            return None  # what may follow is no field: the month of a date, a key of properties
        model = onward
    return None


def constant(node):
    """Returns the text that a node is, or None. Python before 3.8 has a class of its own for it."""
    value = getattr(node, "value", getattr(node, "s", None)) if type(node).__name__ in ("Constant", "Str") else None
    return value if isinstance(value, str) else None


OPERATORS = set(
    "= != <> == <= < > >= =? =like =ilike like ilike in child_of parent_of any".split()
) | {"not like", "not ilike", "not in", "not any", "not =like", "not =ilike", "any!", "not any!"}


def lost_in_domain(model, node):
    """Returns what the terms of a domain name that is not there; `node` is its syntax tree."""
    lost = []
    for term in node.elts if isinstance(node, (ast.List, ast.Tuple)) else []:
        parts = term.elts if isinstance(term, (ast.List, ast.Tuple)) else []
        if len(parts) != 3 or constant(parts[1]) not in OPERATORS or constant(parts[0]) is None:
            continue
        path = constant(parts[0])
        missing = lost_in_path(model, path)
        if missing:
            lost.append(missing)
        elif "any" in constant(parts[1]):
            inner = model
            for name in path.split("."):
                inner = step(inner, name)[1] if inner else None
            lost += lost_in_domain(inner, parts[2]) if inner else []
    return lost


GROUPS = ("group_by", "graph_groupbys", "pivot_column_groupby", "pivot_row_groupby", "pivot_measures", "graph_measure")


def lost_in_context(model, node):
    """Returns the fields by which a context groups or measures and which are not there."""
    lost = []
    pairs = zip(node.keys, node.values) if isinstance(node, ast.Dict) else []
    for key, value in pairs:
        if constant(key) not in GROUPS:
            continue
        for one in value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]:
            path = (constant(one) or "").split(":")[0]
            if path and not path.startswith("__") and lost_in_path(model, path):
                lost.append(lost_in_path(model, path))
    return lost


def parsed(expression):
    """Returns the syntax tree of an expression, and the error that keeps it from having one."""
    try:
        return ast.parse((expression or "").strip() or "None", mode="eval").body, None
    except (SyntaxError, ValueError) as error:
        return None, error


# Methods that return records of the same model.
SAME = set(
    "sudo with_context with_user with_company with_env with_prefetch search browse filtered filtered_domain sorted"
    " exists create copy new ensure_one concat union search_fetch".split()
)
# Of these, the first argument is a domain; of the others below, names of fields.
DOMAINS = {"search", "search_count", "search_read", "search_fetch", "filtered_domain", "read_group", "_read_group"}


class Code(ast.NodeVisitor):
    """Walks code and notes what it names. Names have the types that all their assignments agree on."""

    def __init__(self, tree, types):
        self.given = dict(types)
        self.types = dict(types)
        self.lost = {}
        self.called = set()
        # What may fail is meant to, and code that asks for a thing knows that it may not be there.
        self.forgiven, self.asked = set(), set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Try):
                self.forgiven |= {id(inner) for line in node.body for inner in ast.walk(line)}
            elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
                self.asked.add(constant(node.left))
            elif isinstance(node, ast.Call) and getattr(node.func, "id", None) in ("hasattr", "getattr"):
                self.asked |= {constant(arg) for arg in node.args}
        for _ in range(3):
            self.learn(tree)
        self.visit(tree)

    def learn(self, tree):
        """Finds out what models the names stand for."""
        said = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self.bind(said, target, node.value)
            elif isinstance(node, (ast.For, ast.comprehension)):
                self.bind(said, node.target, node.iter)
            elif isinstance(node, ast.AugAssign):
                self.bind(said, node.target, node.value)
            elif isinstance(node, (ast.arg, ast.ExceptHandler, ast.FunctionDef, ast.alias)):
                name = getattr(node, "arg", None) or getattr(node, "asname", None) or getattr(node, "name", None)
                said.setdefault(name, set()).add(None)
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                self.bind(said, node.optional_vars, ast.Constant(value=0))
        for name, models in said.items():
            models |= {self.given[name]} if name in self.given else set()
            (model,) = models if len(models) == 1 else (None,)
            self.types[name] = model

    def bind(self, said, target, value):
        if isinstance(target, ast.Name):
            said.setdefault(target.id, set()).add(self.model_of(value))
        elif isinstance(target, (ast.Tuple, ast.List)):
            for one in target.elts:
                self.bind(said, one, ast.Constant(value=0))

    def is_env(self, node):
        if isinstance(node, ast.Name):
            return node.id == "env" and "env" not in self.types
        return isinstance(node, ast.Attribute) and node.attr == "env" and self.model_of(node.value) is not None

    def model_of(self, node):
        """Returns the model of the records that an expression stands for, or None where that is not certain."""
        if isinstance(node, ast.Name):
            return self.types.get(node.id)
        if isinstance(node, ast.Subscript):
            index = getattr(node.slice, "value", node.slice) if type(node.slice).__name__ == "Index" else node.slice
            if self.is_env(node.value):
                return constant(index) if constant(index) in env else None
            model = self.model_of(node.value)
            if model and constant(index) is not None:
                return step(model, constant(index))[1]
            return model
        if isinstance(node, ast.Attribute):
            model = self.model_of(node.value)
            if not model and self.is_env(node.value):
                return {"user": "res.users", "company": "res.company", "companies": "res.company"}.get(node.attr)
            return step(model, node.attr)[1] if model else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            model = self.model_of(node.func.value)
            if model and node.func.attr in SAME:
                return model
            if model and node.func.attr == "mapped" and len(node.args) == 1 and constant(node.args[0]):
                for name in constant(node.args[0]).split("."):
                    model = step(model, name)[1] if model else None
                return model
            return None
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.Add, ast.Sub, ast.BitAnd)):
            return self.model_of(node.left)
        return None

    def note(self, thing, node, name):
        if thing and name not in self.asked and id(node) not in self.forgiven:
            self.lost.setdefault(thing, getattr(node, "lineno", 1))

    def visit_Attribute(self, node):
        model = self.model_of(node.value)
        if model and not step(model, node.attr)[0] and not hasattr(type(env[model]), node.attr):
            self.note("%s.%s" % (model, node.attr), node, node.attr)
        self.generic_visit(node)

    def visit_Subscript(self, node):
        index = getattr(node.slice, "value", node.slice) if type(node.slice).__name__ == "Index" else node.slice
        name = constant(index)
        if name is not None and self.is_env(node.value) and name not in env:
            self.note("model:" + name, node, name)
        model = self.model_of(node.value) if name is not None else None
        if model and not step(model, name)[0]:
            self.note("%s.%s" % (model, name), node, name)
        self.generic_visit(node)

    def visit_Call(self, node):
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute):
            return
        method, args = node.func.attr, node.args
        model = self.model_of(node.func.value)
        if model:
            self.called.add("%s.%s" % (model, method))
        if method == "ref" and self.is_env(node.func.value) and len(args) == 1 and not node.keywords:
            xmlid = constant(args[0])
            if xmlid and "." in xmlid and not is_named(xmlid):
                self.note("xmlid:" + xmlid, node, xmlid)
        if not model or not args:
            return
        if method in DOMAINS:
            for thing in lost_in_domain(model, args[0]):
                self.note(thing, node, thing.rsplit(".", 1)[-1])
        paths = []
        if method in ("mapped", "filtered", "sorted") and constant(args[0]):
            paths = [path.split()[0] for path in constant(args[0]).split(",") if path.split()]
        elif method in ("create", "write", "update") and isinstance(args[0], ast.Dict):
            paths = [constant(key) for key in args[0].keys if key is not None and constant(key)]
        elif method == "read" and isinstance(args[0], (ast.List, ast.Tuple)):
            paths = [constant(one) for one in args[0].elts if constant(one)]
        for path in paths:
            self.note(lost_in_path(model, path), node, path)


def is_named(xmlid):
    return bool(rows("SELECT 1 FROM ir_model_data WHERE module = %s AND name = %s", xmlid.split(".", 1)))


def lost_in_code(code, types):
    """Returns the error that keeps code from being compiled, what it names that is not there, and the first place."""
    code = (code or "").strip()
    try:
        tree = ast.parse(code)
        compile(code, "code", "exec")
    except (SyntaxError, ValueError) as error:
        said = getattr(error, "msg", None) or str(error)
        return "SyntaxError: %s" % said, [], "line %s: %s" % (getattr(error, "lineno", "?"), quoted(code, error))
    walked = Code(tree, {name: model for name, model in types.items() if model in env})
    lost = {}
    for thing, line in walked.lost.items():
        lost["method:" + thing if thing in walked.called else thing] = line
    place = None
    if lost:
        line = min(lost.values())
        place = "line %d: %s" % (line, code.splitlines()[line - 1].strip()[:120])
    return None, sorted(lost), place


def quoted(code, error):
    lines = code.splitlines()
    line = getattr(error, "lineno", None) or 0
    return lines[line - 1].strip()[:120] if 0 < line <= len(lines) else ""
