"""The inner loops: arrays in, arrays out, compiled. `layout` names the columns."""
