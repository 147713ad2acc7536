// A component that is drawn again only when one of its props is another object (signals it reads redraw it as well).
import { Component, type ComponentType, type FunctionComponent, h } from "preact";

export function memo<P extends object>(Inner: FunctionComponent<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const keys = new Set([...Object.keys(this.props), ...Object.keys(next)]) as Set<keyof P & string>;
      for (const key of keys) {
        if (key !== "children" && (this.props as P)[key] !== next[key]) return true;
      }
      return false;
    }

    override render() {
      return h(Inner as FunctionComponent<object>, this.props);
    }
  };
}
