/**
 * The mode of directories for what is the user's own. Root's may be passed by others, who can neither list
 * them nor read the files in them (all 0600): PostgreSQL, run as another user, has to get to its data.
 */
export const privateDirMode = process.getuid?.() === 0 ? 0o711 : 0o700;
