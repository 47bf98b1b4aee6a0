"""The rules of search without a framework: how two rankings become one."""
