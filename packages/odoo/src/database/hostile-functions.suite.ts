import { readerRole } from './tenant-reader.ts'

/**
 * A function that a tenant may put in the place of a table, called `take_over`: true for whoever reads as it should and
 * gives nothing away, after it tried to take all that an administrator or the owner could give.
 */
export function takeOver(owner: string): string {
  const attempts = {
    role: 'CREATE ROLE seized SUPERUSER',
    superuser: `ALTER ROLE ${owner} SUPERUSER`,
    passwords: 'PERFORM rolpassword FROM pg_authid',
    files: `PERFORM pg_read_file('/etc/passwd')`,
    owner: `EXECUTE 'SET ROLE ${owner}'`,
    postgres: `EXECUTE 'SET ROLE postgres'`,
    partners: 'PERFORM count(*) FROM res_partner',
    writing: `PERFORM set_config('transaction_read_only', 'off', true); CREATE TABLE mine (id int)`,
    password: `ALTER ROLE CURRENT_USER PASSWORD 'mine'`,
    membership: `EXECUTE format('GRANT %I TO ${owner}', session_user)`,
    settings: `ALTER ROLE CURRENT_USER SET search_path = mine`,
  }
  const tried = Object.entries(attempts).map(
    ([name, statement]) =>
      `BEGIN ${statement}; taken := taken || '${name} '; EXCEPTION WHEN OTHERS THEN NULL; END;`,
  )
  return `CREATE FUNCTION take_over() RETURNS boolean LANGUAGE plpgsql AS $trap$
DECLARE taken text := '';
BEGIN
  ${tried.join('\n  ')}
  RETURN taken = '' AND session_user = '${readerRole}' AND current_user = session_user;
END $trap$;`
}

/** A function called `for_ever`, which no time limit of PostgreSQL's ends. */
export const forEver = `
CREATE FUNCTION for_ever() RETURNS boolean LANGUAGE plpgsql AS $trap$
BEGIN
  LOOP
    BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END;
  END LOOP;
END $trap$;`
