/** Doubles that grow in one buffer, which is kept from one use to the next. */
export class NumberPool {
  values: Float64Array = new Float64Array(4096);
  used = 0;

  /** Makes room, keeping what is there; returns the new `values`. */
  grow(): Float64Array {
    const larger = new Float64Array(this.values.length * 2);
    larger.set(this.values);
    this.values = larger;
    return larger;
  }
}
