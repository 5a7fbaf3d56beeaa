import { describe, expect, it } from 'vitest';
import { auditSchema } from '../../../src/core/report/schema/audit.ts';
import { auditFixture } from '../../support/audit-fixture.ts';
import { fullAuditFixture } from '../../support/full-audit.ts';

describe('the schema of report.json', () => {
  it('takes an audit to which nobody has added anything', async () => {
    const { audit } = await auditFixture();
    expect(auditSchema.parse(audit)).toEqual(audit);
  });

  it('takes an audit with something in every field', async () => {
    const { audit } = await fullAuditFixture();
    expect(auditSchema.parse(audit)).toEqual(audit);
  });

  it('refuses a field that it does not know and a share above 1', async () => {
    const { audit } = await auditFixture();
    expect(auditSchema.safeParse({ ...audit, more: 1 }).success).toBe(false);
    const [first, ...rest] = audit.models;
    const models = [{ ...first!, ece: 1.5 }, ...rest];
    expect(auditSchema.safeParse({ ...audit, models }).success).toBe(false);
  });
});
