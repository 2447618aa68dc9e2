"""A configuration file as it is written: YAML or JSON in which no key is given twice."""

from __future__ import annotations

from pathlib import Path

import yaml


class ConfigError(ValueError):
    """A configuration that cannot be run; the message names the key and the value."""


class _Loader(yaml.SafeLoader):
    """YAML that refuses a key given twice, of which PyYAML would silently take the last."""

    def get_single_node(self):
        node = super().get_single_node()
        self._refuse_doubles(node, "", set())
        return node

    def _refuse_doubles(self, node, above, done):
        """Look at every mapping as it is written.

        Parameters
        ----------
        above : str, the keys that it stands under
        done : set of the nodes that have been looked at: one with an anchor stands in many places
        """
        if id(node) in done:
            return
        done.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            for entry in node.value:
                self._refuse_doubles(entry, above, done)
        if isinstance(node, yaml.MappingNode):
            lines: dict[str, int] = {}
            for key, value in node.value:
                name = f"{above}.{key.value}" if above else str(key.value)
                if name in lines:
                    what = f'the key "{name}" is given twice, first in line {lines[name]}'
                    raise yaml.constructor.ConstructorError(None, None, what, key.start_mark)
                lines[name] = key.start_mark.line + 1
                self._refuse_doubles(value, name, done)


def parse(path) -> object:
    """What a YAML or JSON file says.

    Raises
    ------
    ConfigError
        The file cannot be read, is not YAML, or gives a key twice, at any level.
    """
    try:
        text = Path(path).read_text()
        if Path(path).suffix == ".json":
            text = text.expandtabs()  # which YAML, otherwise the wider of both, does not take
        return yaml.load(text, Loader=_Loader)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        what = getattr(error, "problem", None) or "not a text file"
        raise ConfigError(f"{path}{line}: not valid YAML: {what}") from None
