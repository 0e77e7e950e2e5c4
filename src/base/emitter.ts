/** A typed event source. A listener that throws does not keep the others from being told; its error is rethrown at the end. */
export interface Emitter<T> {
  /** Adds a listener; returns the function that removes it. */
  on(listener: (event: T) => void): () => void;
  emit(event: T): void;
}

/** Makes an emitter without listeners. */
export function createEmitter<T>(): Emitter<T> {
  const listeners = new Set<(event: T) => void>();
  return {
    on: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    emit: (event) => {
      let failure: { readonly error: unknown } | undefined;
      for (const listener of [...listeners]) {
        try {
          listener(event);
        } catch (error) {
          failure ??= { error };
        }
      }
      if (failure !== undefined) throw failure.error;
    },
  };
}
