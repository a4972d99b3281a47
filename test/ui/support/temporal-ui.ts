import type { Locator, Page } from 'playwright-core';

/** What an administrator types into the form 'Start a Workflow'. */
export interface StartForm {
  id: string;
  type: string;
  input: object;
}

/** Why the UI cannot be walked through: its forms differ from version to version; null for the one that is known. */
export async function otherVersion(url: string): Promise<string | null> {
  const settings = (await (await fetch(`${url}/api/v1/settings`)).json()) as { Version: string };
  return /^2\.42\./.test(settings.Version)
    ? null
    : `Temporal Web UI ${settings.Version}: only 2.42 is known here`;
}

/** The Temporal Web UI as an administrator uses it; every method is something that a hand or an eye does there. */
export class TemporalUi {
  readonly page: Page;
  private readonly workflows: string;

  constructor(page: Page, url: string) {
    this.page = page;
    this.workflows = `${url}/namespaces/default/workflows`;
  }

  /** Fills the form in, and returns when it says that the task queue has a worker. */
  async fillStartForm({ id, type, input }: StartForm): Promise<void> {
    await this.page.goto(`${this.workflows}/start-workflow`);
    await this.page.getByLabel('Workflow ID').fill(id);
    await this.page.getByLabel('Task Queue').fill('lms-lifecycle');
    await this.page.getByLabel('Workflow Type').fill(type);
    await this.type(this.page.getByRole('main'), input);
    await this.page.getByText('Task Queue is Active').waitFor();
  }

  /** Sends the form off and follows the link to the new workflow's page. */
  async submitStartForm(): Promise<void> {
    await this.page.getByRole('button', { name: 'Start Workflow', exact: true }).click();
    await this.page.getByText('Workflow started successfully').click();
    await this.page.getByTestId('workflow-id-heading').waitFor();
  }

  async start(form: StartForm): Promise<void> {
    await this.fillStartForm(form);
    await this.submitStartForm();
  }

  /** Goes to a workflow's page by the list of workflows. */
  async open(id: string): Promise<void> {
    await this.page.goto(this.workflows);
    await this.page.getByRole('link', { name: id, exact: true }).click();
    await this.page.getByTestId('workflow-id-heading').waitFor();
  }

  /** Waits until the page shows the status: Running, Completed, Failed … */
  async untilStatus(status: string): Promise<void> {
    const heading = this.page.getByTestId('workflow-id-heading').locator('xpath=../..');
    await heading.getByText(status, { exact: true }).waitFor();
  }

  /** The current details, once they say `words`; they are fetched when their tab is opened. */
  async detailsWith(words: string): Promise<Locator> {
    // Summary and details, where the start gave them, have frames of their own above.
    const details = this.page.frameLocator('iframe >> nth=-1').locator('main');
    for (let look = 1; ; look++) {
      await this.page.getByTestId('history-tab').click();
      await this.page.getByTestId('user-metadata-tab').click();
      await details.waitFor();
      if ((await details.innerText()).includes(words)) return details;
      if (look === 20) throw new Error(`no '${words}' in the details:\n${await details.innerText()}`);
      await this.page.waitForTimeout(250);
    }
  }

  /** The lines of the timeline: activities with what they are about, timers, updates. */
  async timeline(): Promise<string[]> {
    await this.page.getByTestId('history-tab').click();
    const names = this.page.locator('svg text');
    await names.filter({ hasText: 'open' }).waitFor();
    return names.allTextContents();
  }

  /** What the compact list below the timeline says. */
  async compact(): Promise<string> {
    await this.page.getByTestId('compact').click();
    const list = this.page.locator('main table');
    await list.getByText('Activity Type').first().waitFor();
    await list.scrollIntoViewIfNeeded();
    return list.innerText();
  }

  /** Runs a query, and returns its answer as far as it is in view. */
  async query(name: string, argument: object): Promise<string> {
    await this.page.getByTestId('queries-tab').click();
    await this.page.getByRole('button', { name: 'attention' }).click();
    await this.page.getByRole('option', { name: new RegExp(`^${name}\\b`) }).click();
    await this.type(this.page.getByRole('main'), argument);
    await this.page.getByRole('button', { name: 'Run Query' }).click();
    await this.page.getByRole('button', { name: 'Refresh Query' }).waitFor();
    return this.page.locator('main .cm-content:visible').last().innerText();
  }

  /** What the box 'Result' shows: the result, or the failure. */
  async result(): Promise<string> {
    await this.page.getByTestId('history-tab').click();
    const box = this.page.getByRole('heading', { name: 'Result', exact: true }).locator('..');
    return box.locator('.cm-content').innerText();
  }

  /** What the box 'Input' shows. */
  async input(): Promise<string> {
    await this.page.getByTestId('history-tab').click();
    const box = this.page.getByRole('heading', { name: 'Input', exact: true }).locator('..');
    return box.locator('.cm-content').first().innerText();
  }

  /** Opens 'Send an Update', and fills it in; null for one without data. */
  async fillUpdate(name: string, data: object | null): Promise<Locator> {
    await this.page.getByRole('button', { name: 'More Actions' }).click();
    await this.page.getByRole('menuitem', { name: 'Send an Update' }).click();
    const dialog = this.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Select an Update' }).click();
    await this.page.getByRole('option', { name: new RegExp(`^${name}\\b`) }).click();
    if (data !== null) await this.type(dialog, data);
    return dialog;
  }

  /** Sends an Update, and returns when it has been taken. */
  async sendUpdate(name: string, data: object | null = null): Promise<void> {
    const dialog = await this.fillUpdate(name, data);
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** Sends an Update that is refused, and returns what the form says. */
  async refusedUpdate(name: string, data: object, words: string): Promise<string> {
    const dialog = await this.fillUpdate(name, data);
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await dialog.getByText(words).first().waitFor();
    const said = await dialog.innerText();
    await dialog.getByRole('button', { name: 'Cancel' }).last().click();
    await dialog.waitFor({ state: 'hidden' });
    return said;
  }

  /** Tells this browser where the codec server is; an empty endpoint: nowhere. */
  async setCodec(endpoint: string): Promise<void> {
    await this.page.locator('[data-testid^="data-encoder-status"]').click();
    await this.page.locator('#data-encoder-endpoint-input').fill(endpoint);
    await this.page.getByTestId('confirm-data-encoder-button').click();
    await this.page.getByTestId('confirm-data-encoder-button').waitFor({ state: 'hidden' });
  }

  /** Filters the list of workflows by a search attribute, and returns the ids of those that are left. */
  async find(attribute: string, value: string): Promise<string[]> {
    await this.page.goto(this.workflows);
    await this.page.getByTestId('add-filter-button').click();
    await this.page.getByRole('menuitem', { name: attribute }).click();
    await this.page.getByPlaceholder('Enter value...').fill(value);
    await this.page.getByRole('button', { name: 'Apply' }).click();
    await this.page.waitForURL((url) => url.searchParams.has('query'));
    await this.page.getByRole('button', { name: `${attribute} = "${value}"` }).waitFor();
    await this.page.waitForLoadState('networkidle');
    return this.page.locator('main tbody tr td:nth-child(4)').allInnerTexts();
  }

  /** Laid out as the UI does it when one leaves the field: otherwise the button moves away under the click. */
  private async type(where: Locator, json: object): Promise<void> {
    await where.locator('.cm-content:visible').first().click();
    await this.page.keyboard.insertText(JSON.stringify(json, null, 2));
  }
}
