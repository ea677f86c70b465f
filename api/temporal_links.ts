/** Addresses inside the Temporal UI. */

export interface TemporalLinks {
  /** @returns The address of a workflow's run, of its last one where none is named; null where the UI's address is unknown. */
  run(workflowId: string, runId?: string): string | null;
}

/** @param uiUrl The address of the UI, which may have a path; undefined where there is none. */
export function temporalLinks(uiUrl: string | undefined, namespace: string): TemporalLinks {
  const base = uiUrl?.replace(/\/+$/, "");
  return {
    run(workflowId, runId) {
      if (base === undefined) return null;
      const parts = [namespace, "workflows", workflowId, ...(runId === undefined ? [] : [runId])];
      // The ids of turns have a slash in them.
      return `${base}/namespaces/${parts.map(encodeURIComponent).join("/")}`;
    },
  };
}
