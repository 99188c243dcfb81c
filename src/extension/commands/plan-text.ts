/** A plan as a document people read before they start; Markdown, with everything from outside escaped. */
import type { Coded } from '../../core/model.ts';
import type { PlanResult, UnitPlan, VerifyResult } from '../../core/ports.ts';
import { codeCell, escapeMarkdown, fencedCode, inlineCode } from '../../wording/markdown.ts';
import { formatNumber } from '../numbers.ts';
import type { Translate } from '../translate.ts';

export interface PlanTextWords {
  readonly t: Translate;
  readonly word: (coded: Coded) => string;
  readonly locale: string;
}

export function planText(task: string, plan: PlanResult, words: PlanTextWords): string {
  const { t, word, locale } = words;
  const refused = plan.units.filter(({ refusals }) => refusals.length > 0);
  const rows = plan.units.reduce((sum, unit) => sum + (unit.rows ?? 0), 0);
  const lines = [
    `# ${t('Plan of {task}', { task: escapeMarkdown(task) })}`,
    '',
    t('Units: {units}, rows: about {rows}. Nothing was copied or changed.', {
      units: formatNumber(plan.units.length, locale),
      rows: formatNumber(rows, locale),
    }),
    '',
    ...(plan.notes ?? []).map((note) => `${escapeMarkdown(word(note))}\n`),
    ...plan.warnings.map((warning) => `> ${escapeMarkdown(word(warning))}\n`),
    ...(refused.length === 0 ? [] : [`## ${t('Cannot be copied exactly')}`, '', ...refused.flatMap(reasonLines), '']),
    `| ${[t('Unit'), t('Target'), t('Rows'), t('Key'), t('Resume'), t('Target table')].join(' | ')} |`,
    '| --- | --- | ---: | --- | --- | --- |',
    ...plan.units.map((unit) => tableLine(unit)),
    '',
  ];
  const noted = plan.units.filter(({ warnings }) => warnings.length > 0);
  if (noted.length > 0) {
    lines.push(`## ${t('Notes')}`, '');
    for (const unit of noted) {
      for (const warning of unit.warnings) lines.push(`- ${inlineCode(unit.name)}: ${escapeMarkdown(word(warning))}`);
    }
    lines.push('');
  }
  const created = plan.units.filter(({ create }) => create !== null);
  if (created.length > 0) {
    lines.push(`## ${t('Will be created')}`, '');
    for (const unit of created) lines.push(fencedCode(unit.create ?? '', 'sql'), '');
  }
  return lines.join('\n');

  function reasonLines(unit: UnitPlan): string[] {
    return unit.refusals.map((refusal) => `- ${inlineCode(unit.name)}: ${escapeMarkdown(word(refusal))}`);
  }

  function tableLine(unit: UnitPlan): string {
    const cells = [
      codeCell(unit.name),
      codeCell(unit.targetName),
      unit.rows === null ? t('unknown') : formatNumber(unit.rows, locale),
      unit.key.map(codeCell).join(', ') || t('none'),
      unit.resume === 'row' ? t('after the last batch') : t('from its beginning'),
      unit.create === null ? t('is there') : t('will be created'),
    ];
    return `| ${cells.join(' | ')} |`;
  }
}

export function verifyText(task: string, results: readonly VerifyResult[], words: PlanTextWords): string {
  const { t, word, locale } = words;
  const different = results.filter(({ equal }) => !equal);
  const line = (result: VerifyResult): string => {
    const why = result.error ?? result.difference;
    const said = why
      ? escapeMarkdown(word({ code: why.code, args: why.args }))
      : result.equal
        ? t('equal')
        : t('different');
    const counts = [formatNumber(result.sourceRows, locale), formatNumber(result.targetRows, locale)];
    return `| ${[codeCell(result.unit), ...counts, said].join(' | ')} |`;
  };
  return [
    `# ${t('Verification of {task}', { task: escapeMarkdown(task) })}`,
    '',
    different.length === 0
      ? sayEqual()
      : results.length === 1
        ? t('The unit differs.')
        : t('{different} of {units} units differ.', { different: different.length, units: results.length }),
    '',
    `| ${[t('Unit'), t('Rows in the source'), t('Rows in the target'), t('Result')].join(' | ')} |`,
    '| --- | ---: | ---: | --- |',
    // What differs comes first.
    ...[...different, ...results.filter(({ equal }) => equal)].map(line),
    '',
  ].join('\n');

  function sayEqual(): string {
    const units = results.length;
    const byValues = results.every(({ by }) => by === 'checksum');
    if (units === 1)
      return byValues
        ? t('The unit holds the same values as its source.')
        : t('The unit holds as many rows as its source.');
    return byValues
      ? t('All {units} units hold the same values as their source.', { units })
      : t('All {units} units hold as many rows as their source.', { units });
  }
}
