/** What the Temporal CLI's binary is called on this system. */
export const temporalFileName = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
