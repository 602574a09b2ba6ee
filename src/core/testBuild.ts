/** Replaced by the build: false for users, true for test builds. Undefined when Node runs the sources. */
declare const VDB_TEST_BUILD: boolean | undefined;

/** Whether what only tests may use is there: fail points, shortened limits, the database in memory. */
export const TEST_BUILD: boolean = typeof VDB_TEST_BUILD === 'undefined' || VDB_TEST_BUILD;
