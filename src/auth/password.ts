/** Hashes a password as the sign-in library checks it (scrypt), off the event loop. */
export async function hashPassword(password: string): Promise<string> {
  const crypto = await import('better-auth/crypto');
  return crypto.hashPassword(password);
}
