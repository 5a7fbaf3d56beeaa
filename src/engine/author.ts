import { userInfo } from 'node:os';

/** Who decided: the name that was given, else that of the account. */
export function authorOf(given: string): string {
  const name = given.trim();
  if (name !== '') return name;
  try {
    return userInfo().username;
  } catch {
    // Accounts without a name, as in some containers.
    return 'unknown';
  }
}
