# In: what the files of this folder define. Out: one table, public name -> object, from which
# ninefold/__init__.py fills the namespaces. Only what the engine's records cannot say is here.
PUBLIC = {}   # "nest.map_structure" -> object, below tf


def export(*names):
    """Decorator: makes an object public under these names, the first of which is its own."""
    def register(value):
        for name in names:
            PUBLIC[name] = value
        return value
    return register
