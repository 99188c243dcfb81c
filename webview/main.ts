/**
 * Entry of the panel's page. The host provides
 * `<div id="app" data-task-id data-folder-uri data-locale>` and `<script id="sentences" type="application/json">`
 * (sentences by code in the language of the page), and loads panel.js after them.
 */
import './theme.css';
import './panel.css';
import { startPanel } from './app.ts';
import { registerControls } from './controls/register.ts';
import { connectEditor } from './editor.ts';
import { sentencesIn } from './words.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('The page has no element "app".');
registerControls();
startPanel(root, connectEditor(), {
  taskId: root.dataset.taskId ?? '',
  folderUri: root.dataset.folderUri ?? '',
  locale: root.dataset.locale ?? document.documentElement.lang,
  sentences: sentencesIn(document.getElementById('sentences')?.textContent),
});
